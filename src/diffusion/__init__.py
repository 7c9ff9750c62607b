"""Information diffusion over follower graphs: traditional media and social media on one clock."""

__version__ = "0.1.0"

"""From what a person writes to what the engine reads: worlds, rules and luck."""

from diffusion.assembly.audiences import audience_sizes
from diffusion.assembly.generated import write_generated
from diffusion.assembly.habits import Audience, evidence_weights
from diffusion.assembly.luck import draw_luck, draw_origins
from diffusion.assembly.numbering import account_names, channel_list
from diffusion.assembly.rules import lower
from diffusion.assembly.world import Assembler, World

__all__ = [
    "Assembler",
    "Audience",
    "World",
    "account_names",
    "audience_sizes",
    "channel_list",
    "draw_luck",
    "draw_origins",
    "evidence_weights",
    "lower",
    "write_generated",
]

"""From what a person writes to what the engine reads: worlds, rules and luck."""

from diffusion.assembly.luck import draw_luck, draw_origins
from diffusion.assembly.rules import account_names, channel_list, lower
from diffusion.assembly.world import Assembler, Audience, World

__all__ = ["Assembler", "Audience", "World", "account_names", "channel_list", "draw_luck", "draw_origins", "lower"]

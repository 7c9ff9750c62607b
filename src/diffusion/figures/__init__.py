"""Figures for papers. They draw tables (`diffusion.study.tables`) and compute no measure."""

from diffusion.figures.delays import delay_decomposition, delay_figure, delay_shares
from diffusion.figures.experiment import draw_experiment
from diffusion.figures.reach import reach_by_channel, reach_figure
from diffusion.figures.style import COLUMN_MM, PAGE_MM, inches, save, styled

__all__ = [
    "COLUMN_MM",
    "PAGE_MM",
    "delay_decomposition",
    "delay_figure",
    "delay_shares",
    "draw_experiment",
    "inches",
    "reach_by_channel",
    "reach_figure",
    "save",
    "styled",
]

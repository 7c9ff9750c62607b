"""Figures for papers. They draw tables (`diffusion.study.tables`) and compute no measure."""

from diffusion.figures.animation import Film, save_film, spread_film
from diffusion.figures.beliefs import belief_ribbon, beliefs_figure
from diffusion.figures.catalogue import FIGURES, draw_experiment, draw_figures, figure
from diffusion.figures.channels import channel_stack, channels_figure, first_sources, sources_figure
from diffusion.figures.compare import comparison_figure, delay_panel, save_comparison, tail_panel
from diffusion.figures.delays import delay_decomposition, delay_figure, delay_shares
from diffusion.figures.effects import tornado, tornado_figure
from diffusion.figures.graph import clustering_by_degree, degree_distributions, draw_graph, graph_figure
from diffusion.figures.handoff import handoff_figure, publications, reach_by_kind
from diffusion.figures.maps import heat_figure, heat_panel
from diffusion.figures.race import race, race_figure
from diffusion.figures.reach import reach_by_channel, reach_figure
from diffusion.figures.sensitivity import sensitivity, sensitivity_figure
from diffusion.figures.shapes import cascades_figure, virality, virality_figure
from diffusion.figures.style import COLUMN_MM, FORMATS, PAGE_MM, inches, save, styled
from diffusion.figures.sweep_catalogue import SWEEP_KINDS, SweepChoice, draw_sweep, sweep_figure
from diffusion.figures.sweeps import line_panel, lines_figure
from diffusion.figures.tree import cascade_tree, tree_figure

__all__ = [
    "COLUMN_MM",
    "FIGURES",
    "FORMATS",
    "PAGE_MM",
    "SWEEP_KINDS",
    "Film",
    "SweepChoice",
    "belief_ribbon",
    "beliefs_figure",
    "cascade_tree",
    "cascades_figure",
    "channel_stack",
    "channels_figure",
    "clustering_by_degree",
    "comparison_figure",
    "degree_distributions",
    "delay_decomposition",
    "delay_figure",
    "delay_panel",
    "delay_shares",
    "draw_experiment",
    "draw_figures",
    "draw_graph",
    "draw_sweep",
    "figure",
    "first_sources",
    "graph_figure",
    "handoff_figure",
    "heat_figure",
    "heat_panel",
    "inches",
    "line_panel",
    "lines_figure",
    "publications",
    "race",
    "race_figure",
    "reach_by_channel",
    "reach_by_kind",
    "reach_figure",
    "save",
    "save_comparison",
    "save_film",
    "sensitivity",
    "sensitivity_figure",
    "sources_figure",
    "spread_film",
    "styled",
    "sweep_figure",
    "tail_panel",
    "tornado",
    "tornado_figure",
    "tree_figure",
    "virality",
    "virality_figure",
]

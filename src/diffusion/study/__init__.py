"""Experiments: many runs of several variants, their intervals, verdicts and folders of results."""

from diffusion.study.belief_tables import BeliefTable, belief_tables
from diffusion.study.claims import Verdict, judge
from diffusion.study.comparison import Compared, Comparison, compare
from diffusion.study.crates import write_crate
from diffusion.study.experiment import run_experiment
from diffusion.study.exports import export, who_told_whom, write_who_told_whom
from diffusion.study.known import KnownPoint, known_points
from diffusion.study.media_tables import HandoffTable, handoff_table, handoff_tables
from diffusion.study.observed import LAYOUTS, read_cascades
from diffusion.study.replacing import replaces
from diffusion.study.replays import Replay, replay
from diffusion.study.report import report_lines
from diffusion.study.results import Results
from diffusion.study.samples import CascadeSample, quantities, simulated_cascades
from diffusion.study.shape_tables import ShapeTable, TreeTable, largest_tree, shape_tables
from diffusion.study.stories import matched_shapes
from diffusion.study.summary import Arm, Interval, Ratio, median_interval, paired_ratio
from diffusion.study.sweeps.results import SweepResults
from diffusion.study.sweeps.run import run_sweep
from diffusion.study.tables import DelayTable, ReachTable, SourceTable, delay_table, reach_table, source_table
from diffusion.study.traces import Trace, trace

__all__ = [
    "LAYOUTS",
    "Arm",
    "BeliefTable",
    "CascadeSample",
    "Compared",
    "Comparison",
    "DelayTable",
    "HandoffTable",
    "Interval",
    "KnownPoint",
    "Ratio",
    "ReachTable",
    "Replay",
    "Results",
    "ShapeTable",
    "SourceTable",
    "SweepResults",
    "Trace",
    "TreeTable",
    "Verdict",
    "belief_tables",
    "compare",
    "delay_table",
    "export",
    "handoff_table",
    "handoff_tables",
    "judge",
    "known_points",
    "largest_tree",
    "matched_shapes",
    "median_interval",
    "paired_ratio",
    "quantities",
    "reach_table",
    "read_cascades",
    "replaces",
    "replay",
    "report_lines",
    "run_experiment",
    "run_sweep",
    "shape_tables",
    "simulated_cascades",
    "source_table",
    "trace",
    "who_told_whom",
    "write_crate",
    "write_who_told_whom",
]

"""Experiments: many runs of several variants, their intervals, verdicts and folders of results."""

from diffusion.study.belief_tables import BeliefTable, belief_tables
from diffusion.study.claims import Verdict, judge
from diffusion.study.experiment import run_experiment
from diffusion.study.media_tables import HandoffTable, handoff_table, handoff_tables
from diffusion.study.report import report_lines
from diffusion.study.results import Results
from diffusion.study.summary import Arm, Interval, Ratio, median_interval, paired_ratio
from diffusion.study.tables import DelayTable, ReachTable, SourceTable, delay_table, reach_table, source_table

__all__ = [
    "Arm",
    "BeliefTable",
    "DelayTable",
    "HandoffTable",
    "Interval",
    "Ratio",
    "ReachTable",
    "Results",
    "SourceTable",
    "Verdict",
    "belief_tables",
    "delay_table",
    "handoff_table",
    "handoff_tables",
    "judge",
    "median_interval",
    "paired_ratio",
    "reach_table",
    "report_lines",
    "run_experiment",
    "source_table",
]

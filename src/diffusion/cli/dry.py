"""``diffusion run --dry-run``: what an experiment will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.cli.progress import say
from diffusion.errors import InputError

if TYPE_CHECKING:
    from diffusion.cli.options import Where
    from diffusion.scenario import Experiment


def print_estimate(experiment: Experiment, where: Where, cores: int) -> None:
    """Check every point, run a few of them, and print runs, time, memory and disk."""
    if (where.scheduler or where.scheduler_file) is not None:
        raise InputError("--dry-run: times runs on this machine; leave --scheduler out, or give --workers")
    from diffusion.study.sweeps.agenda import ALL, Shard
    from diffusion.study.sweeps.estimate import estimate
    from diffusion.study.sweeps.plan import Plan

    shard = ALL if where.shard is None else Shard.read(where.shard)
    plan = Plan(experiment)
    for note in plan.notes:
        say(f"note: {note}")
    folder, at_once = where.out / experiment.name, where.workers or where.threads or cores
    print("\n".join(estimate(plan, folder, at_once=at_once, shard=shard).lines()))

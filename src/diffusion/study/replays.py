"""One stored run once more, with everything that it kept then and did not store."""

from __future__ import annotations

import math
from typing import NamedTuple

from diffusion.arguments import whole_number
from diffusion.assembly import World
from diffusion.errors import InputError
from diffusion.measures import wide_row
from diffusion.outcome import Outcome
from diffusion.simulation import Runner
from diffusion.study.measured import measured_for
from diffusion.study.results import Folder, Results, made_by, opened
from diffusion.study.samples import chosen_name
from diffusion.versions import MODEL_VERSION
from diffusion.world import GraphFile, GroupFile


class Replay(NamedTuple):
    """A stored run, simulated again.

    Attributes
    ----------
    variant : str
    outcome : Outcome
        With ``record = "events"``.
    world : World
        Its people and graphs.
    """

    variant: str
    outcome: Outcome
    world: World


def replay(results: Results | Folder, *, variant: str | None = None, replicate: int = 0) -> Replay:
    """Simulate one run of stored results again and return all of it, the event log included.

    Parameters
    ----------
    results : Results, or the folder in which they lie
    variant : str, optional
        By default the only one.
    replicate : int
        From 0.

    Raises
    ------
    InputError
        For a variant or a replicate that there is not; for results of another version of the model (that of the package
        may differ); for a graph that is not the one of the run (its content hash is
        in the manifest), before anything is simulated; and if any measure differs from the stored row, because the
        program has changed since.
    """
    results = opened(results)
    replicate = whole_number("replicate", replicate)
    _check_model(results)
    variant = chosen_name("variant", variant, results.experiment.variants)
    scenario = results.experiment.variants[variant]
    if not 0 <= replicate < scenario.run.replicates:
        raise InputError(f"there is no replicate {replicate}: they are numbered 0 to {scenario.run.replicates - 1}")
    runner = Runner(scenario, record="events", curve_points=results.experiment.measures.curve_points)
    world, _ = runner.lowered(replicate)
    _check_graphs(results, variant, world)
    outcome = runner.run(replicate)
    _check_row(results, variant, outcome)
    return Replay(variant, outcome, world)


def _check_model(results: Results) -> None:
    """Raise InputError unless the results were simulated by the same rules, whatever the version of the package."""
    stored = results.manifest.get("model_version")
    if stored == MODEL_VERSION:
        return
    where = f'"{results.folder}"' if results.folder is not None else results.experiment.name
    of = "an unnumbered version" if stored is None else f"version {stored}"
    raise InputError(
        f"{where}: simulated by {of} of the model, {made_by(results.manifest)}; by version {MODEL_VERSION}, which is "
        "here, other things may happen; run the experiment again"
    )


def _check_graphs(results: Results, variant: str, world: World) -> None:
    stored = results.manifest.get("graphs", {}).get(variant, {})
    for name, found in world.content_hashes().items():
        if found in stored.get(name, ()):
            continue
        source = results.experiment.variants[variant].platforms[name].graph
        if isinstance(source, GraphFile | GroupFile):
            raise InputError(
                f'platforms.{name}.graph: "{source.file}" has changed since the run (its content hash is '
                f"{found}); put the old file back, or run the experiment again"
            )
        raise InputError(
            f"platforms.{name}.graph: another graph is generated than in the run, {made_by(results.manifest)}; "
            "run the experiment again"
        )


def _check_row(results: Results, variant: str, outcome: Outcome) -> None:
    """Raise InputError unless every stored measure of the run has the same value again."""
    (stored,) = (r.row for r in results.runs if (r.variant, r.replicate) == (variant, outcome.replicate))
    again = wide_row(outcome, measured_for(results.experiment))
    for name, value in stored.items():
        now = float(again.get(name, value))
        if now != value and not (math.isnan(now) and math.isnan(value)):
            raise InputError(
                f'variant "{variant}", replicate {outcome.replicate}: {name} is {now:.10g} and was {value:.10g} in the '
                f"stored run, {made_by(results.manifest)}; run the experiment again"
            )

"""Results written by hand: two variants, two stories, a few replicates, for the tests of verdicts and figures."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import six_persons
from diffusion.measures import COMPONENTS
from diffusion.scenario import Experiment
from diffusion.study.results import Curves, Results, Run

CHANNELS = ("own eyes", "tv", "chirp", "home")


def experiment(claim: dict[str, Any] | None = None, **keys: Any) -> Experiment:
    base = six_persons.scenario()
    made: dict[str, Any] = {
        "name": "small",
        "scenario": base,
        "variants": {"slow": base, "quick": base},
        "claim": None if claim is None else {"text": "Quick is quicker than slow", **claim},
    }
    return Experiment.model_validate(made | keys)


def results(times: dict[tuple[str, str], ArrayLike], made: Experiment | None = None, **columns: Any) -> Results:
    """Results in which T50 of (variant, story) takes these values in hours; other measures are the same everywhere.

    `columns` maps ``<variant>_<measure>`` to values by replicate, for the story "fire".
    """
    runs, curves = [], {}
    made = made or experiment()
    for variant in made.variants:
        own = {story: np.asarray(t, dtype=float) for (v, story), t in times.items() if v == variant}
        n = max(t.size for t in own.values())
        for k in range(n):
            row: dict[str, float] = {}
            for story in ("fire", "speech"):
                t = own.get(story, np.full(n, np.inf))[k]
                row |= {f"{story}.T50_h": t, f"{story}.reached": 0.75, f"{story}.heard": 4.0}
                row[f"{story}.restricted_mean_h"] = min(t, 24.0)
                row |= {f"{story}.first.{channel}": share for channel, share in zip(CHANNELS, (0.01, 0.5, 0.4, 0.09))}
                row |= {f"{story}.delay.{name}_h": 0.1 * i for i, name in enumerate(COMPONENTS)}
            for name, values in columns.items():
                owner, _, measure = name.partition("_")
                if owner == variant:
                    row[f"fire.{measure}"] = values[k]
            runs.append(Run(variant, k, row))
        for story in ("fire", "speech"):
            seconds = np.linspace(0, 86400, 97)
            rising = 1 - np.exp(-seconds / 3600 / (6 if variant == "slow" else 2))
            shares = np.array([0.01, 0.35, 0.3, 0.1])[:, np.newaxis] * rising
            luck = np.linspace(0.85, 1.15, n)[:, np.newaxis, np.newaxis]
            curves[variant, story] = Curves(seconds, CHANNELS, luck * shares)
    manifest = {"format": "diffusion results", "experiment": made.model_dump(mode="json"), "complete": True}
    return Results(made, tuple(runs), curves, manifest)

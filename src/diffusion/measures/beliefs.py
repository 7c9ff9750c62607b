"""What people make of a story."""

from __future__ import annotations

import numpy as np

from diffusion.outcome import Outcome
from diffusion.vocabulary import Belief


def believing(outcome: Outcome, story: str | None = None) -> float:
    """Return the share of the population that believes a story at the horizon: evidence L >= 1.

    Parameters
    ----------
    outcome : Outcome
        With ``record = "all"`` or more.
    story : str, optional
        By default the only one.
    """
    evidence = outcome.column("evidence")[outcome.story(story)]
    return int(np.count_nonzero(evidence >= int(Belief.BELIEVES))) / outcome.n_persons

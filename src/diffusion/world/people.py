"""Who lives in the world: how many, how ready to share, how credulous."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from diffusion.world.types import Frozen, NonNegative, Share, Trust


class People(Frozen):
    """The population and its laws.

    Attributes
    ----------
    count : int, optional
        Number of persons. Needed where no platform reads a graph file; with files the population is the union of their
        labels, and `count` is not used.
    propensity_sd : float
        Standard deviation of the logarithm of a person's readiness to share (log-normal, mean 1). Source: fit to
        #auspol.
    credulity_mean, credulity_sd : float
        Law of logit(credulity): normal. Assumed.
    repetition : float
        rho: what each further exposure through the same channel counts relative to the one before. Chosen for
        stability.
    own_eyes_trust : float
        Trust in one's own eyes. Assumed.
    belief_factor : bool
        Whether belief scales sharing by min(2, sigma(L) / credulity).
    share_rule : {"cascade", "threshold"}
        "cascade": exposure n is an independent chance p_n. "threshold": a person shares once n / k reaches a uniform
        threshold, k the accounts they follow (linear threshold; appeal and belief then play no part).
    crosspost : {"home", "all", "same"}
        Whether a person posts on their home platform (the first one in name order), on all of theirs, or where they met
        the story (at home if that was elsewhere).
    """

    count: Annotated[int, Field(ge=1)] | None = None
    propensity_sd: NonNegative = 1.0
    credulity_mean: float = -0.8
    credulity_sd: NonNegative = 1.0
    repetition: Share = 0.3
    own_eyes_trust: Trust = 0.95
    belief_factor: bool = True
    share_rule: Literal["cascade", "threshold"] = "cascade"
    crosspost: Literal["home", "all", "same"] = "home"

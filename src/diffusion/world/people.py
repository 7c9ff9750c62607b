"""Who lives in the world: how many, of what age, how ready to share, how credulous; or a file that says so."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from diffusion.world.ages import Ages
from diffusion.world.types import Frozen, NonNegative, Share, Trust


class People(Frozen):
    """The population and its laws.

    Attributes
    ----------
    count : int, optional
        Number of persons. Needed where no platform reads a graph file and there is no `file`; else the population is
        the union of the labels there, and `count` is not used.
    file : str, optional
        CSV or Parquet with a column `label` and what is known of each person (docs/people.md); what it does not say is
        drawn. Relative paths are taken from the experiment file's folder, then from the working folder.
    ages : table, optional
        Shares of the bands of age, for persons whose age the file does not say. By default .22, .33, .25 and .20,
        assumed: near US adults in 2016. They matter where an audience or a membership differs by age.
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
        Whether belief scales sharing by min(2, sigma(L) / credulity). Assumed.
    share_rule : {"cascade", "threshold"}
        "cascade": exposure n is an independent chance p_n. "threshold": a person shares once n / k reaches a uniform
        threshold, k the accounts they follow (linear threshold; appeal and belief then play no part).
        Chosen: the independent cascade.
    crosspost : {"home", "all", "same"}
        Whether a person posts on their home platform, on all of theirs, or where they met the story (at home if that
        was elsewhere). Chosen: most people have one place to post.
    home : list of platforms
        Names of platforms, best first: a person's home is the first active one here of which they are a member, else
        the first one in the order of names, as for everybody where the list is empty (a convention, chosen).
    """

    count: Annotated[int, Field(ge=1)] | None = None
    file: str | None = None
    ages: Ages | None = None
    propensity_sd: NonNegative = 1.0
    credulity_mean: float = -0.8
    credulity_sd: NonNegative = 1.0
    repetition: Share = 0.3
    own_eyes_trust: Trust = 0.95
    belief_factor: bool = True
    share_rule: Literal["cascade", "threshold"] = "cascade"
    crosspost: Literal["home", "all", "same"] = "home"
    home: tuple[str, ...] = ()

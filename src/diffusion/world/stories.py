"""Stories, and the official accounts that make statements."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from diffusion.errors import InputError
from diffusion.laws import Law
from diffusion.units import HOUR
from diffusion.world.types import DelayLaw, Duration, Frozen, NonNegative, Positive, PositiveDuration, Share, Trust


class Official(Frozen):
    """An official account (a candidate, a company, an authority): a publisher whose audience is a membership.

    Attributes
    ----------
    platform : str
        Where it posts.
    followers : float
        Share of the platform's members who follow it.
    approval : law of delays
        From the wish to say something until it is approved and posted. Chosen: at once.
    trust : float
        Trust in what it says (a channel of its own). Assumed.
    boost : float
        Factor on the visibility B of its posts: paid reach among its followers. Chosen.
    """

    platform: str
    followers: Share
    approval: DelayLaw = Law("constant", (0.0,))
    trust: Trust = 0.7
    boost: Positive = 1.0


class Story(Frozen):
    """A piece of content and how it enters the world.

    Attributes
    ----------
    kind : {"news", "citizen_post", "statement", "fake"}
        Newsrooms gather only `news` by themselves.
    at : duration
        When it happens (or is posted), after the scenario's start. Chosen: then.
    truth : bool, optional
        Whether it is true; by default everything but a `fake` is.
    appeal, appeal_sd, appeal_cap : float, float, float
        Median of the share chance per view before personal factors, standard deviation of its logarithm, and cap.
        Source: defaults for breaking news; ordinary posts are near .07 at 17 followers per person.
    newsworthiness : float
        In [0, 1]: against outlets' breaking thresholds, and as a factor on telling contacts. Assumed.
    half_life : duration
        Novelty half-life of the share chance. Chosen to meet the scorecard's reshares within an hour (24 to 120 h were
        tried).
    witnesses, report : int, float
        How many persons see it with their own eyes, and the chance that such a person posts it. Assumed.
    witnesses_from : str, optional
        The role among whom witnesses are drawn; without `witnesses` everybody who has it is one.
    authors : int or list of labels
        Accounts that post it at `at`: so many, drawn, or those named. Chosen: none.
    authors_from : str, optional
        The role among whom authors are drawn; without `authors` everybody who has it and an account is one.
    author_weight : float
        Drawn authors are chosen in proportion to (followers + 1) to this power. Chosen: 0, anybody.
    official : str, optional
        The official account that posts it.
    rank : dict
        Platform -> factor on the visibility B of posts about it there: above 1 the feed boosts it, below 1 it is
        downranked, 0 leaves close and notified ties. By default 1 (chosen).
    tags : dict
        Platform of open groups -> labels of the groups (hashtags) under which it is posted there.
    """

    kind: Literal["news", "citizen_post", "statement", "fake"]
    at: Duration = 0.0
    truth: bool | None = None
    appeal: NonNegative = 1.0
    appeal_sd: NonNegative = 0.0
    appeal_cap: Positive | None = None
    newsworthiness: Share = 0.5
    half_life: PositiveDuration = 30 * HOUR
    witnesses: Annotated[int, Field(ge=0)] = 0
    report: Share = 0.5
    witnesses_from: str | None = None
    authors: Annotated[int, Field(ge=0)] | tuple[int | str, ...] = 0
    authors_from: str | None = None
    author_weight: NonNegative = 0.0
    official: str | None = None
    rank: dict[str, NonNegative] = {}
    tags: dict[str, tuple[int | str, ...]] = {}

    @model_validator(mode="after")
    def _makes_sense(self) -> Story:
        if self.kind == "fake" and self.truth:
            raise InputError("truth = true: a fake is not true; use another kind")
        if self.kind == "fake" and (self.witnesses or self.witnesses_from is not None):
            given = f"witnesses = {self.witnesses}" if self.witnesses else f'witnesses_from = "{self.witnesses_from}"'
            raise InputError(f"{given}: nobody sees with their own eyes what did not happen")
        if self.authors_from is not None and isinstance(self.authors, tuple):
            raise InputError("authors: they are named already; with authors_from give a number, or leave authors out")
        if self.kind == "statement" and self.official is None:
            raise InputError('a statement needs official = "…" (an account under [officials])')
        return self

    @property
    def is_true(self) -> bool:
        """Whether the story is true."""
        return self.kind != "fake" if self.truth is None else self.truth

    @property
    def has_witnesses(self) -> bool:
        """Whether anybody sees it with their own eyes."""
        return bool(self.witnesses) or self.witnesses_from is not None

    @property
    def has_authors(self) -> bool:
        """Whether persons post it at its beginning."""
        return bool(self.authors) or self.authors_from is not None

"""Social layers: platforms of followers, friends and groups, and offline contacts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from diffusion.errors import InputError
from diffusion.laws import Law
from diffusion.units import DAY, HOUR, MINUTE
from diffusion.world.ages import ShareByAge
from diffusion.world.sources import (
    GeneratedCommunities,
    GeneratedFriends,
    GeneratedGroups,
    GeneratedNetworkx,
    GeneratedSpatial,
)
from diffusion.world.types import (
    Clock,
    DelayLaw,
    Duration,
    Frozen,
    NonNegative,
    Positive,
    PositiveDuration,
    Rate,
    RateLaw,
    Share,
    Trust,
    clock,
)

Meaning = Literal["follower,followed", "followed,follower", "source,target", "mutual"]


class GraphFile(Frozen):
    """A follower graph read from a file; what a link means is always said, by a list's reader or a stored graph itself.

    Attributes
    ----------
    file : str
        Path; relative paths are taken from the experiment file's folder, then from the working folder.
    meaning : str, optional
        "follower,followed", "followed,follower", "source,target" (of information) or "mutual". Needed for everything
        but a stored graph (.npz, folder), and left out for that.
    weight : int or str, optional
        Column of the links' weights (number from 0, or name in the header); left out for a stored graph.
    since, until : int or str, optional
        Columns of the times from which and until which (not included) a link is open: seconds, or local dates and
        times; an empty cell means from the beginning, or for ever. A link carries what is posted while it is open.
        Left out for a stored graph.
    clock : str, optional
        What numbers there count from: "run" (the start of a run) or "wall" (1970). Dates are on the wall clock.
    """

    file: str
    meaning: Meaning | None = None
    weight: int | str | None = None
    since: int | str | None = None
    until: int | str | None = None
    clock: Literal["run", "wall"] | None = None


class GroupFile(Frozen):
    """Memberships of groups read from a table (CSV, packed or not, or Parquet): a row per person and group.

    Attributes
    ----------
    file : str
        Path; relative paths are taken from the experiment file's folder, then from the working folder.
    person, group : str
        Names of the two columns. Chosen.
    """

    file: str
    person: str = "person"
    group: str = "group"


class GeneratedFollowers(Frozen):
    """A generated follower graph: followers per account follow a power law, a share of links is returned.

    Attributes
    ----------
    generator : "popularity"
        Everybody follows accounts in proportion to their popularity.
    mean_followers : float
        Followers per member. Chosen: worlds for news have 80 or more, so that stories get around.
    exponent : float
        Of the tail of the numbers of followers. Chosen in the middle of real follow graphs (2.3 to 2.7).
    reciprocity : float
        Share of links that are returned. Chosen in the middle of real follow graphs (.24 to .55).
    """

    generator: Literal["popularity"]
    mean_followers: Positive = 83.0
    exponent: Annotated[float, Field(gt=2.0, le=6.0)] = 2.5
    reciprocity: Share = 0.4


class GeneratedContacts(Frozen):
    """Generated contacts: `random` pairs, or `households` (everybody in one knows everybody).

    Attributes
    ----------
    generator : {"random", "households"}
        Which of the two.
    mean_contacts : float, optional
        Contacts per person, for `random`.
    size : int, optional
        Persons in a household, for `households`.
    """

    generator: Literal["random", "households"]
    mean_contacts: Positive | None = None
    size: Annotated[int, Field(ge=2)] | None = None

    @model_validator(mode="after")
    def _one_parameter(self) -> GeneratedContacts:
        if self.generator == "random" and (self.mean_contacts is None or self.size is not None):
            raise InputError('generator = "random" needs mean_contacts (and no size)')
        if self.generator == "households" and (self.size is None or self.mean_contacts is not None):
            raise InputError('generator = "households" needs size (and no mean_contacts)')
        return self


FollowSource = Annotated[
    GeneratedFollowers | GeneratedCommunities | GeneratedNetworkx, Field(discriminator="generator")
]
FriendSource = Annotated[GeneratedFriends | GeneratedNetworkx, Field(discriminator="generator")]
ContactSource = Annotated[GeneratedContacts | GeneratedSpatial | GeneratedNetworkx, Field(discriminator="generator")]


def _source(value: Any) -> str:
    """Tell a graph file from a generator by its keys, so that an error speaks of the one that was meant."""
    if isinstance(value, dict):
        return "file" if "file" in value else "generator"
    return "file" if is_file(value) else "generator"


def is_file(source: Any) -> bool:
    """Whether a platform's links or memberships are read from a file."""
    return isinstance(source, GraphFile | GroupFile)


def _check_mutual(source: Any, who: str) -> None:
    if isinstance(source, GraphFile) and source.meaning not in (None, "mutual"):
        raise InputError(f'graph.meaning = "{source.meaning}": {who} mutual; write meaning = "mutual"')


class SocialPlatform(Frozen):
    """What all platforms of posts have in common: people meet posts in sessions, and share.

    Attributes
    ----------
    active : bool
        Whether it exists in this variant (chosen: yes); the graph stays the same world either way.
    members : float or table by age
        Share of persons with an account (generated graphs and groups; of a file everyone in it is a member), perhaps
        one for each band of age. Chosen: everybody.
    sessions : law of rates
        How often a person opens the platform, in operational time. Source: fit (half-life of impressions).
    session_length : duration
        How long a session lasts (operational). Chosen to meet the scorecard's half-life of impressions.
    scroll : law of delays
        From the session's start to the post. Source: fit; impressions peak at 72 s (Pfeffer et al. 2023).
    visibility, visibility_sd : duration, float
        Median feed depth over inflow B for a typical person (in groups: in one of the median size), and the standard
        deviation of its logarithm between persons. On platforms of links B_j is scaled by (median k / k_j), k_j the
        accounts that j follows (Hodas & Lerman 2012); in groups by (median members / members). Source: fit, view
        share .27.
    popularity : float
        Ranking by popularity: B of a post is multiplied by (1 + sharers of its story so far) to this power. 0 (chosen)
        is a feed by time.
    feed_length : int, optional
        Simulated posts bury one another: a post is seen only while it is among the last so many that arrived in the
        follower's feed (limited attention: Weng et al. 2012). Without it they compete through B alone. Chosen.
    close : float
        Share of links whose posts are never buried. Source: fit (late tail).
    notified, notified_below, notice : float, float, law of delays
        Share of the links of accounts with fewer followers than `notified_below` whose posts are notified, and the
        delay until they are seen. The share is chosen to meet the scorecard's half-life of impressions; the rest is a
        fit (first quartile of reshare delays).
    awake_level : float
        A notified person is awake in hours whose clock is at least this. Chosen.
    latency : duration
        From posting to being visible. Chosen.
    reaction : law of delays
        From deciding to share to the share. Source: fit.
    clock : 24 numbers or a name
        Hourly intensity of everything about attention. Source: hour-of-day profile of reposts on Weibo.
    waits : {"sessions", "edge"}
        Persons meet posts in their own sessions, or after an exponential wait drawn per link and story (exact
        couplings). Chosen: sessions, for people read many posts at once.
    reshare : bool
        Whether members may pass on what they heard (own observations and authors' posts are always posted).
        Chosen: yes.
    typical_followers : float
        Scale of hub aversion: a_i contains 26.7 / (10 + followers_i) at 17, both constants in proportion; a fixed
        constant, never a sample mean. Source: fit to #auspol (resharers smaller than sources).
    trust : float
        Trust in what is met on the platform. Assumed.
    """

    active: bool = True
    members: ShareByAge = 1.0
    sessions: RateLaw = Law("lognormal", (3.4 / DAY, 1.23))
    session_length: Duration = 10 * MINUTE
    scroll: DelayLaw = Law("lognormal", (1.7 * MINUTE, 0.6))
    visibility: Duration = 0.38 * HOUR
    visibility_sd: NonNegative = 1.0
    popularity: Annotated[float, Field(ge=0.0, le=4.0)] = 0.0
    feed_length: Annotated[int, Field(ge=1, le=1000)] | None = None
    close: Share = 0.17
    notified: Share = 0.01
    notified_below: NonNegative = 200.0
    notice: DelayLaw = Law("lognormal", (3 * MINUTE, 0.8))
    awake_level: NonNegative = 0.5
    latency: Duration = 1.0
    reaction: DelayLaw = Law("lognormal", (0.33 * MINUTE, 0.7))
    clock: Clock = clock("weibo")
    waits: Literal["sessions", "edge"] = "sessions"
    reshare: bool = True
    typical_followers: Positive = 17.0
    trust: Trust = 0.55

    @model_validator(mode="after")
    def _somebody_wakes(self) -> SocialPlatform:
        if self.session_length > DAY / 2:
            raise InputError("session_length: at most 12 h")
        if max(self.clock) < self.awake_level:
            raise InputError(f"awake_level = {self.awake_level} is above every hour of the clock: nobody is ever awake")
        return self


class LinkPlatform(SocialPlatform):
    """A platform on which posts flow along links.

    Attributes
    ----------
    weights : {"appeal", "ignore"}
        Whether a link's weight (if the file has any) multiplies the share chance of what is seen through it.
        Chosen: it does.
    followed_elsewhere : float
        Accounts that everybody follows outside the graph, added to k_j. Chosen: none.
    """

    weights: Literal["appeal", "ignore"] = "appeal"
    followed_elsewhere: NonNegative = 0.0


class FollowPlatform(LinkPlatform):
    """A platform of directed follower links; its other keys are those of all platforms of links.

    Attributes
    ----------
    kind : "follow"
        Posts flow to followers.
    graph : GraphFile, GeneratedFollowers, GeneratedCommunities or GeneratedNetworkx
        Where the links come from.
    """

    kind: Literal["follow"] = "follow"
    graph: Annotated[
        Annotated[GraphFile, Tag("file")] | Annotated[FollowSource, Tag("generator")], Discriminator(_source)
    ]


class FriendPlatform(LinkPlatform):
    """A platform of mutual links (friends); a friend follows and is followed.

    Attributes
    ----------
    kind : "friend"
        Posts flow to friends.
    graph : GraphFile, GeneratedFriends or GeneratedNetworkx
        Where the links come from; a file's `meaning` is "mutual".
    """

    kind: Literal["friend"]
    graph: Annotated[
        Annotated[GraphFile, Tag("file")] | Annotated[FriendSource, Tag("generator")], Discriminator(_source)
    ]

    @model_validator(mode="after")
    def _is_mutual(self) -> FriendPlatform:
        _check_mutual(self.graph, "friends are")
        return self


class GroupPlatform(SocialPlatform):
    """A platform of groups: a post reaches all other members of the group (forums, chats, hashtags).

    Attributes
    ----------
    kind : "group"
        Posts flow to members of groups.
    graph : GroupFile or GeneratedGroups
        Who is in which group.
    posts_in : {"all", "one"}
        Whether who shares posts in all their groups or in one of them, drawn per story. Chosen.
    carrier : str, optional
        Makes the groups open (hashtags): members are those who watch a tag, and whoever shares on this other platform
        posts there too, under the tags that the story names.
    along : str, optional
        The platform whose communities generated groups follow; needed for an `alignment` above 0.
    """

    kind: Literal["group"]
    graph: Annotated[
        Annotated[GroupFile, Tag("file")] | Annotated[GeneratedGroups, Tag("generator")], Discriminator(_source)
    ]
    posts_in: Literal["all", "one"] = "all"
    carrier: str | None = None
    along: str | None = None

    @model_validator(mode="after")
    def _one_way_to_post(self) -> GroupPlatform:
        if self.carrier is not None and self.posts_in == "one":
            raise InputError('posts_in = "one": open groups (carrier) are named by the story; leave posts_in out')
        alignment = self.graph.alignment if isinstance(self.graph, GeneratedGroups) else 0.0
        if (alignment > 0) != (self.along is not None):
            raise InputError("along and graph.alignment > 0 belong together: groups along a platform's communities")
        return self


class ContactPlatform(Frozen):
    """A class of offline contacts (word of mouth): pairs that meet, and tell.

    Attributes
    ----------
    kind : "contact"
        A class of offline contacts.
    active : bool
        Whether it exists in this variant. Chosen: yes.
    graph : GraphFile, GeneratedContacts, GeneratedSpatial or GeneratedNetworkx
        Who knows whom; links are mutual.
    meetings : rate
        Meetings per pair, in operational time. Source: fit to 1963 and 2001.
    alarm : float
        Factor on `meetings` for a story of newsworthiness 1, of newsworthiness w to the power w: people seek each other
        out and call over grave news, and hear it from each other the more, the graver it is (Greenberg 1964; Basil &
        Brown 1994). By default 1: none. The form is chosen, a value is a fit.
    tell : float
        Chance, times the story's newsworthiness, that who knows a story tells it. Source: fit to the eras.
    window : duration
        For how long after hearing it (operational) a story is told. Chosen.
    clock : 24 numbers or a name
        Hours of meeting. Assumed.
    trust : float
        Trust in what a contact says. Assumed.
    """

    kind: Literal["contact"]
    active: bool = True
    graph: Annotated[
        Annotated[GraphFile, Tag("file")] | Annotated[ContactSource, Tag("generator")], Discriminator(_source)
    ]
    meetings: Rate = 0.08 / HOUR
    alarm: Annotated[float, Field(ge=1, le=1000)] = 1.0
    tell: Share = 0.30
    window: PositiveDuration = 24 * HOUR
    clock: Clock = clock("others")
    trust: Trust = 0.65

    @model_validator(mode="after")
    def _is_mutual(self) -> ContactPlatform:
        _check_mutual(self.graph, "contacts are")
        return self


Platform = Annotated[FollowPlatform | FriendPlatform | GroupPlatform | ContactPlatform, Field(discriminator="kind")]

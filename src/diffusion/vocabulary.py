"""Words that the shell and the kernels share.

The numbers are part of the results' meaning (draws are keyed by `Purpose`, events are ordered by `EventKind`): a number
is never reused for another word.
"""

from __future__ import annotations

from enum import IntEnum


class PlatformKind(IntEnum):
    """Kinds of social layers."""

    FOLLOW = 0
    CONTACT = 1


class Medium(IntEnum):
    """Kinds of traditional media; presets of one outlet."""

    WIRE = 0
    TELEVISION = 1
    RADIO = 2
    NEWSPAPER = 3
    NEWS_SITE = 4


class OutletClock(IntEnum):
    """How an outlet reaches its audience: in bulletins at slots, or whenever the audience visits."""

    SLOTS = 0
    CONTINUOUS = 1


class StoryKind(IntEnum):
    """Kinds of content."""

    NEWS = 0
    CITIZEN_POST = 1
    STATEMENT = 2
    FAKE = 3


class ChannelKind(IntEnum):
    """Kinds of channels through which a person is exposed."""

    OWN_EYES = 0
    OUTLET = 1
    PLATFORM = 2
    CONTACT = 3
    OFFICIAL = 4


class Belief(IntEnum):
    """What a person makes of a story: L >= 1 believes, L <= -1 disbelieves."""

    DISBELIEVES = -1
    AWARE = 0
    BELIEVES = 1


class EventKind(IntEnum):
    """Kinds of events; the number is the rank at equal ticks (0 and 6 are kept for policy actions and flags)."""

    OWN_EYES = 1
    OUTLET_LEARNS = 2
    PUBLICATION = 3
    EXPOSURE = 4
    SHARE = 5


class Record(IntEnum):
    """How much a run keeps; each level contains the ones before it."""

    SIZES = 0
    CURVES = 1
    TIMES = 2
    PARENTS = 3
    ALL = 4
    EVENTS = 5


class Purpose(IntEnum):
    """What a draw is for: the first word of its address after seed and replicate."""

    GRAPH = 1
    MEMBER = 2
    PROPENSITY = 3
    CREDULITY = 4
    ACTIVITY = 5
    VISIBILITY = 6
    TIE = 7
    AUDIENCE = 8
    PHASE = 9
    ACCOUNT = 10
    AGE = 11
    ROLE = 12
    WITNESS = 20
    AUTHOR = 21
    APPEAL = 22
    SESSION = 23
    SITE_VISIT = 24
    MEETING = 25
    WAIT = 26
    SCROLL = 27
    NOTICE = 28
    SHARE = 29
    TELL = 30
    REACTION = 31
    GATHER = 32
    VERIFY = 33
    ACCEPT = 34
    TUNED = 35
    READING = 36
    APPROVAL = 37
    GROUP = 38
    SEEDS = 40
    CONTAGION = 41
    BOOTSTRAP = 50


N_PURPOSES = 64
"""Length of arrays indexed by `Purpose`."""

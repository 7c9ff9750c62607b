"""What the kernels read and write: tables of arrays, and the codes packed into them.

`World` is what a variant fixes, `Luck` what a replicate draws, `State` what a run changes. Every array is C-contiguous;
those of `World` and `Luck` are read-only, so that each kernel has one signature.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy import float32, float64, int64, uint8, uint32, uint64

from diffusion.engine.clock import CLOCK_LENGTH
from diffusion.engine.table import Table
from diffusion.laws import TABLE_LENGTH

MAX_PLATFORMS, MAX_CHANNELS = 8, 24
DIRTY_SHIFT = 3
NONE = np.uint32(0xFFFFFFFF)

# --- an event's word: kind in the upper 3 bits, then (story, detail) or a post's number ------------------------------
KIND_SHIFT = np.uint32(29)
PAYLOAD = np.uint32((1 << 29) - 1)
MAX_POSTS, MAX_STORIES = (1 << 29) - 1, (1 << 21) - 1

# --- columns of State.record (uint32 and, on the same memory, float32) -----------------------------------------------
FIRST_TICK = 0  # tick + 1; 0 stands for "never heard", so that fresh memory needs no filling
FIRST_POST = 1
SHARE_TICK = 2  # tick + 1; 0 for never
SURVIVAL = 3  # float32
EVIDENCE = 4  # float32
COUNTS_LOW = 5  # 2 bits per channel, channels 0-15
COUNTS_HIGH = 6  # channels 16-23 in the lower half; first channel and flags in the upper
NEXT_TOUCHED = 7  # record number + 1 of the record touched before this one
RECORD_WORDS = 8

CHANNEL_SHIFT = np.uint32(16)
SETTLED = np.uint32(1 << 21)
"""Flag of who has nothing left to decide: they share already, or have nowhere to post."""

# --- columns of State.posts ------------------------------------------------------------------------------------------
POST_AUTHOR, POST_STORY, POST_TICK, POST_WHERE = range(4)  # where: channel | exposure channel << 8 | occurrence << 16

# --- State.pool: chunks of waiting events, a cache line each ---------------------------------------------------------
CHUNK_WORDS = 16
CHUNK_EVENTS = 5  # of three words: tick, person, word; the last word of a chunk is the next chunk's number + 1
CHUNK_NEXT = 15
MOST_BUCKETS, SLICE_BITS = 16384, 8

# --- columns of State.lanes, words and rows --------------------------------------------------------------------------
LANES, VECTOR = 128, 8  # lanes that are filled, and that go through a straight loop at a time
# Sessions an hour, reach, meeting point, now on their own clock, share that is notified; of some again: now, earliest
# start of a session that still runs, meeting point.
RATE, REACH, POINT, NOW, ALERT, AGAIN_NOW, AGAIN_FROM, AGAIN_POINT = range(8)
# Index, tie, whether or when they view the post, lanes of those who may, author's key, row; of some again: index.
FOLLOWER, TIE, LIVE, LISTED, AUTHOR, ROW, AGAIN = range(7)
MOST_PLANNED = 32
ROW_AUTHOR, ROW_TICK, ROW_POST, ROW_LOW, ROW_HIGH = range(5)

# --- columns of World.traits -----------------------------------------------------------------------------------------
PROPENSITY, PRIOR, FOLLOWED, TARGETS = range(4)

# --- State.registers -------------------------------------------------------------------------------------------------
(
    FREE,  # first free chunk, or -1
    CHUNKS,  # chunks ever used
    FREE_CHUNKS,  # length of the free list
    N_POSTS,
    N_LOG,
    BUCKET,  # the calendar's current bucket, or -1
    BATCH_AT,
    BATCH_LENGTH,
    HEAP_LENGTH,
    TOUCHED,  # last touched record + 1
    N_DIRTY,
    DIRTY_END,  # end of the settle interval in which counts are pending, or NEVER_ENDS
    NEEDED,  # how much room was missing
    MOST_CHUNKS,
    AHEAD,  # chunk of the next bucket that is looked at next, so that it lies in the cache when its turn comes, or -1
    PLANNED,  # how many posts have been decided upon and not yet offered
    PLANNED_WORD,  # the word that their events would have
    PLANNED_TICK,  # nobody can be exposed by them before this tick
    EVER_PLANNED,  # whether any has been
) = range(19)
N_REGISTERS = 19
NEVER_ENDS = 1 << 62

# --- State.tally -----------------------------------------------------------------------------------------------------
OFFERS, VIEWS, EXPOSURES, SHARES, REACHED = range(5)

# --- why the loop stopped --------------------------------------------------------------------------------------------
DONE, GROW_POOL, GROW_BATCH, GROW_HEAP, GROW_POSTS, GROW_LOG = range(6)


class Layer(Table):
    """One platform's links and its members' attention.

    Attributes
    ----------
    offsets, followers : (n + 1,) int64, (m,) uint32
        Row u holds the followers of u, ascending. On a group platform row g holds the members of group g.
    weights : (m,) or (0,) float32
    since, until : (m,) or (0,) uint32
        Ticks from which and until which links are open; (0,) where all are from the beginning, or for ever.
    attention : (n, 2) or (0, 2) float32
        Sessions per operational hour, and feed reach in units of sessions.
    group_offsets, groups : (n + 1,) int64, (k,) uint32
        The groups of each person, ascending; (0,) but on group platforms.
    traffic : (G,) float64
        Factor of a group's traffic on the visibility of its posts.
    """

    FIELDS: ClassVar[dict[str, Any]] = {
        "offsets": (int64, (0,)),
        "followers": (uint32, (0,)),
        "weights": (float32, (0,)),
        "since": (uint32, (0,)),
        "until": (uint32, (0,)),
        "attention": (float32, (0, 2)),
        "group_offsets": (int64, (0,)),
        "groups": (uint32, (0,)),
        "traffic": (float64, (0,)),
    }


class PlatformRules(Table):
    """Rules of all platforms, one entry each (8,).

    Open groups (hashtags) have a `carrier`, the platform whose posts they list, else -1; `posts_on` are the platforms,
    as bits, on which a share on a platform appears. Who turns to a post at `surely` or before views it
    within the horizon (-1 where exposures must happen in their order). `ahead` says whether posts are offered when
    somebody has decided to make them (see `diffusion.engine.plans`).
    """

    FIELDS: ClassVar[dict[str, Any]] = {
        "contact": (uint8, (MAX_PLATFORMS,)),
        "active": (uint8, (MAX_PLATFORMS,)),
        "clock": (int64, (MAX_PLATFORMS,)),
        "edge_waits": (uint8, (MAX_PLATFORMS,)),
        "session_hours": (float64, (MAX_PLATFORMS,)),
        "close": (float64, (MAX_PLATFORMS,)),
        "notified": (float64, (MAX_PLATFORMS,)),
        "notified_below": (float64, (MAX_PLATFORMS,)),
        "awake_level": (float64, (MAX_PLATFORMS,)),
        "latency": (int64, (MAX_PLATFORMS,)),
        "scroll": (int64, (MAX_PLATFORMS,)),
        "notice": (int64, (MAX_PLATFORMS,)),
        "reaction": (int64, (MAX_PLATFORMS,)),
        "weighted": (uint8, (MAX_PLATFORMS,)),
        "meetings": (float64, (MAX_PLATFORMS,)),
        "alarm": (float64, (MAX_PLATFORMS,)),
        "window": (float64, (MAX_PLATFORMS,)),
        "tell": (float64, (MAX_PLATFORMS,)),
        "popularity": (float64, (MAX_PLATFORMS,)),
        "feed_length": (int64, (MAX_PLATFORMS,)),
        "feed_start": (int64, (MAX_PLATFORMS,)),
        "group": (uint8, (MAX_PLATFORMS,)),
        "one_group": (uint8, (MAX_PLATFORMS,)),
        "carrier": (int64, (MAX_PLATFORMS,)),
        "posts_on": (uint8, (MAX_PLATFORMS,)),
        "surely": (int64, (MAX_PLATFORMS,)),
        "ahead": (uint8, (MAX_PLATFORMS,)),
    }


class OutletRules(Table):
    """Rules of all outlets: (O,), (O, 24), (O, P) or (O, O) arrays; audiences and slots as CSR rows.

    `regularity` belongs to `audience`, and is (0,) where nobody's differs.
    """

    FIELDS: ClassVar[dict[str, Any]] = {
        "active": (uint8, (0,)),
        "continuous": (uint8, (0,)),
        "habit": (float64, (0,)),
        "tune_in": (float64, (0, 24)),
        "block": (int64, (0,)),
        "slot_offsets": (int64, (0,)),
        "slots": (int64, (0,)),
        "visits": (float64, (0,)),
        "clock": (int64, (0,)),
        "reading": (int64, (0,)),
        "coverage": (int64, (0,)),
        "breaking": (float64, (0,)),
        "breaking_every": (int64, (0,)),
        "breaking_for": (int64, (0,)),
        "verify": (int64, (0,)),
        "accept_true": (float64, (0,)),
        "accept_false": (float64, (0,)),
        "witness_speed": (float64, (0,)),
        "audience_offsets": (int64, (0,)),
        "audience": (uint32, (0,)),
        "phase": (float64, (0,)),
        "regularity": (float64, (0,)),
        "watch_sharers": (int64, (0, 0)),
        "watch_witnesses": (int64, (0, 0)),
        "follows": (uint8, (0, 0)),
        "follow_delay": (int64, (0,)),
        "statements": (int64, (0,)),
        "account": (int64, (0, 0)),
    }


class Accounts(Table):
    """Authors that are not persons: their followers as CSR rows; keys, channels and boosts (A,)."""

    FIELDS: ClassVar[dict[str, Any]] = {
        "offsets": (int64, (0,)),
        "followers": (uint32, (0,)),
        "key": (uint64, (0,)),
        "channel": (int64, (0,)),
        "official": (uint8, (0,)),
        "boost": (float64, (0,)),
    }


class Frame(Table):
    """Numbers of the scenario: ticks and shared parameters.

    `any_order` says that nobody can see when somebody with nothing left to decide is exposed, and `keep_evidence` that
    evidence and counts of exposures are read at the end. `all_ahead` says that all posts to rows of followers are
    offered when somebody has decided to make them, and `single` that all are about one story on one platform.
    """

    FIELDS: ClassVar[dict[str, Any]] = {
        "n_persons": int,
        "n_platforms": int,
        "n_outlets": int,
        "n_stories": int,
        "day": int,
        "hour": int,
        "origin": int,
        "horizon": int,
        "settle": int,
        "bucket_shift": int,
        "tick": float,
        "belief_factor": int,
        "threshold_rule": int,
        "reshare_targets": int,
        "post_where_met": int,
        "feed_words": int,
        "keep_log": int,
        "keep_evidence": int,
        "any_order": int,
        "all_ahead": int,
        "single": int,
    }


class World(Table):
    """Everything that a variant fixes.

    Attributes
    ----------
    traits : (n, 4) float32
        Share propensity a_i, prior evidence L0_i, accounts that a person follows at home k_i, and where they post: a
        whole number, bit l for platform l, bit 8 + l where they may post what they met there. They lie together
        because an exposure needs them all.
    laws : (k, TABLE_LENGTH) float64
    clocks : (k, CLOCK_LENGTH) float64
        25 sums, 24 intensities, and the guide of searches; see `diffusion.engine.clock`.
    channel_weight, channel_repeats : (24,) float64, (24,) uint8
        Evidence weight, and whether repetition fades its share chance.
    trust_column : (24,) int64
        Column of a channel in `personal_weight`, or -1 where everybody trusts it alike.
    personal_weight : (n, k) float32
        Everybody's evidence weights of those channels.
    repetition : (4,) float64
        Powers of rho.
    names : (24,) uint64
        Keys of the channels' names (0: own gathering).
    """

    FIELDS: ClassVar[dict[str, Any]] = {
        "frame": Frame,
        "layers": [Layer],
        "platforms": PlatformRules,
        "outlets": OutletRules,
        "accounts": Accounts,
        "traits": (float32, (0, 4)),
        "laws": (float64, (0, TABLE_LENGTH)),
        "clocks": (float64, (0, CLOCK_LENGTH)),
        "channel_weight": (float64, (MAX_CHANNELS,)),
        "channel_repeats": (uint8, (MAX_CHANNELS,)),
        "trust_column": (int64, (MAX_CHANNELS,)),
        "personal_weight": (float32, (0, 0)),
        "repetition": (float64, (4,)),
        "names": (uint64, (MAX_CHANNELS,)),
    }


class Luck(Table):
    """What a replicate draws: keys by (purpose, thing), and the stories' numbers.

    Attributes
    ----------
    platform, outlet, story : (64, P), (64, O), (64, S) uint64
        draw(K(purpose), N(name)).
    tie : (P,) uint64
        Keys of ties; they belong to the world.
    story_name : (S,) uint64
    tick : (S,) uint32
    appeal, decay, newsworthiness, report : (S,) float64
        `decay` is ln 2 over the half-life in ticks.
    truth : (S,) uint8
    rank : (S, P) float64
        Factors on the visibility of posts.
    allowed : (S,) uint8
        Bits of the platforms on which it may be posted: all but open groups that it does not name.
    tag_offsets, tags : (S * P + 1,) int64, (k,) uint32
        The open groups that a story names on a platform.
    """

    FIELDS: ClassVar[dict[str, Any]] = {
        "platform": (uint64, (0, 0)),
        "outlet": (uint64, (0, 0)),
        "story": (uint64, (0, 0)),
        "tie": (uint64, (0,)),
        "story_name": (uint64, (0,)),
        "tick": (uint32, (0,)),
        "appeal": (float64, (0,)),
        "decay": (float64, (0,)),
        "newsworthiness": (float64, (0,)),
        "report": (float64, (0,)),
        "truth": (uint8, (0,)),
        "rank": (float64, (0, 0)),
        "allowed": (uint8, (0,)),
        "tag_offsets": (int64, (0,)),
        "tags": (uint32, (0,)),
    }


class State(Table):
    """What a run changes; reused from run to run.

    Attributes
    ----------
    record, record_float : (S * n, 8) uint32 and float32 on the same memory
    pool : (capacity, 16) uint32
        Waiting events, five to a cache line (12.8 B each), linked into lists by bucket.
    heads : (buckets,) uint32
        First chunk of each bucket, plus one, times 8, plus the events in it.
    bits, bit_levels : (words,) uint64, (levels + 1,) int64
        Which buckets hold events, with summaries.
    batch_key, batch_word, heap_key, heap_word : uint64 and uint32
        The current bucket, sorted, and what is born in it.
    posts, log : (capacity, 4) and (capacity, 7) uint32
    sharers, witnesses : (S, P, 2) int64
        Settled and pending counts.
    dirty : (S * P,) int64
        Pairs with pending counts: story << DIRTY_SHIFT | platform.
    watched : (O, S, P) uint8
        Whether the outlet's watch has fired.
    covered : (O, S, 3) int64
        Tick of the first publication plus one, number of broadcasts, reason.
    attempts : (O, S, C, 2) uint32
        Ticks at which the outlet learned through each channel, and at which that was verified.
    tally : (S, 5) int64
    stack : (2, 64) int64
        Bounds of the runs that remain to be sorted.
    slices : (256,) int64
        Where the slices of the current bucket end in the batch.
    lanes, words : (8, 136) float64, (7, 136) uint64
        Followers to whom posts are being offered, and some of them again, side by side.
    rows : (5, 33) uint64
        Planned posts, and one that is offered by itself: author's key, tick, number, bounds of the row.
    feeds : (words,) uint32
        Per platform with a feed length and per person: how many posts have arrived, then the last ones (number + 1).
    registers : (19,) int64
    """

    FIELDS: ClassVar[dict[str, Any]] = {
        "record": (uint32, (0, RECORD_WORDS)),
        "record_float": (float32, (0, RECORD_WORDS)),
        "pool": (uint32, (0, CHUNK_WORDS)),
        "heads": (uint32, (0,)),
        "bits": (uint64, (0,)),
        "bit_levels": (int64, (0,)),
        "batch_key": (uint64, (0,)),
        "batch_word": (uint32, (0,)),
        "heap_key": (uint64, (0,)),
        "heap_word": (uint32, (0,)),
        "posts": (uint32, (0, 4)),
        "log": (uint32, (0, 7)),
        "sharers": (int64, (0, 0, 2)),
        "witnesses": (int64, (0, 0, 2)),
        "dirty": (int64, (0,)),
        "watched": (uint8, (0, 0, 0)),
        "covered": (int64, (0, 0, 3)),
        "attempts": (uint32, (0, 0, 0, 2)),
        "tally": (int64, (0, 5)),
        "stack": (int64, (2, 64)),
        "slices": (int64, (1 << SLICE_BITS,)),
        "lanes": (float64, (8, LANES + VECTOR)),
        "words": (uint64, (7, LANES + VECTOR)),
        "rows": (uint64, (5, MOST_PLANNED + 1)),
        "feeds": (uint32, (0,)),
        "registers": (int64, (N_REGISTERS,)),
    }

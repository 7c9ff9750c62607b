"""Engine and reference, both written from docs/model.md, give the same events, row for row."""

import math
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from diffusion.assembly import Assembler
from diffusion.errors import InputError
from diffusion.outcome import Outcome
from diffusion.scenario import Scenario
from diffusion.simulation import simulate
from diffusion.units import NEVER
from diffusion.vocabulary import EventKind, Purpose
from people_worlds import labels_of
from reference import ReferenceRun, layers, newsroom, simulate_reference
from reference.draws import MASK, Draws
from worlds import SmallWorld, crowded_world, seeded_world, worlds

Record = Callable[[str, object], None]

WORLDS_EACH = 32
"""Worlds of one test case: they are compared in 16 cases (94 in full), so that workers can share them."""

LEAST_EACH = 63
"""Events of every kind that one case must bring, so that 16 of them bring more than 1,000."""


# --- the same world for both ------------------------------------------------------------------------------------------


def universe(world: SmallWorld, n: int) -> list[Any]:
    """The labels of all persons, in order: those of the given graphs and of the file of persons, or 0 … n-1."""
    return sorted({*labels_of(world.graphs), *world.people}) or list(range(n))


def plain_graphs(world: SmallWorld) -> tuple[dict[str, Any], list[Any]]:
    """The reference's graphs, and the labels: given graphs are joined here by label, generated ones are taken over."""
    built = Assembler(world.graphs).world(world.scenario, seed=world.seed, replicate=world.replicate)
    labels = universe(world, built.n_persons)
    place = {label: i for i, label in enumerate(labels)}
    found = {}
    for name, drawn in built.graphs.items():
        graph = world.graphs.get(name, drawn)
        own = range(graph.n_persons) if graph.labels is None else graph.labels.tolist()
        at = [place[label] for label in own] if name in world.graphs else list(range(len(labels)))
        rows: list[list[int]] = [[] for _ in labels]
        carried = {key: [[] for _ in labels] for key, kept in graph.carried._asdict().items() if kept is not None}
        members = [False for _ in labels]
        for u, i in enumerate(at):
            here = slice(int(graph.offsets[u]), int(graph.offsets[u + 1]))
            rows[i] = [at[j] for j in graph.followers[here].tolist()]
            for key in carried:
                carried[key][i] = getattr(graph, key)[here].tolist()
            members[i] = name in world.graphs or bool(built.members[name][u])
        found[name] = {"rows": rows, "weights": None, "members": members, "clock": graph.clock, **carried}
    for name, groups in built.groups.items():
        found[name] = plain_groups(world.graphs.get(name, groups), place if name in world.graphs else None)
    return found, labels


def plain_groups(groups: Any, place: dict[Any, int] | None) -> dict[str, Any]:
    own = range(groups.n_persons) if groups.labels is None else groups.labels.tolist()
    at = list(range(groups.n_persons)) if place is None else [place[label] for label in own]
    names = range(groups.n_groups) if groups.group_labels is None else groups.group_labels.tolist()
    rows = [groups.members[groups.offsets[g] : groups.offsets[g + 1]].tolist() for g in range(groups.n_groups)]
    return {"groups": [[at[i] for i in row] for row in rows], "labels": list(names)}


def both(world: SmallWorld) -> tuple[Outcome, ReferenceRun]:
    luck: dict[str, int] = {"seed": world.seed, "replicate": world.replicate}
    graphs, labels = plain_graphs(world)
    outcome = simulate(world.scenario, graphs=world.graphs, record="events", **luck)
    return outcome, simulate_reference(world.scenario, graphs, len(labels), labels=labels, people=world.people, **luck)


# --- what is compared -------------------------------------------------------------------------------------------------


def rows(outcome: Outcome) -> list[tuple[int, ...]]:
    assert outcome.events is not None
    return outcome.events.rows()


def columns(outcome: Outcome) -> dict[tuple[int, int], tuple[Any, ...]]:
    """(story, person) -> first tick, channel and source, share tick, counts by channel, evidence."""
    found = {}
    posts = outcome.column("posts")
    for s, i in np.argwhere(outcome.column("first_tick") != NEVER).tolist():
        post = int(outcome.column("first_post")[s, i])
        packed = int(outcome.column("exposures")[s, i])
        counts = {g: packed >> 2 * g & 3 for g in range(32) if packed >> 2 * g & 3}
        found[s, i] = (
            int(outcome.column("first_tick")[s, i]),
            int(outcome.column("first_channel")[s, i]),
            NEVER if post == NEVER else int(posts.author[post]),
            int(outcome.column("share_tick")[s, i]),
            counts,
            float(outcome.column("evidence")[s, i]),
        )
    return found


def reference_columns(run: ReferenceRun) -> dict[tuple[int, int], tuple[Any, ...]]:
    return {
        key: (
            record.first_tick,
            record.first_channel,
            record.first_source,
            NEVER if record.share_tick is None else record.share_tick,
            record.counts,
            record.evidence,
        )
        for key, record in run.state.items()
    }


def coverage(outcome: Outcome) -> dict[tuple[int, int], tuple[int, ...]]:
    return {
        (outcome.outlets.index(c.outlet), outcome.stories.index(c.story)): (
            c.learned,
            c.verified,
            c.published,
            c.reason,
        )
        for c in outcome.column("coverage")  # type: ignore[attr-defined]
    }


def tallies(outcome: Outcome) -> list[tuple[int, ...]]:
    return [(t.offers, t.views, t.exposures, t.shares, t.reached) for t in outcome.tallies]


def reference_tallies(outcome: Outcome, run: ReferenceRun) -> list[tuple[int, ...]]:
    """Offers and views as the reference counts them; exposures, persons' posts and persons reached from its events."""
    contacts = {code for code, channel in enumerate(outcome.channels) if channel.kind.name == "CONTACT"}
    met, posted, reached = Counter[int](), Counter[int](), Counter(s for s, _ in run.state)
    for _, kind, person, channel, _, story, _ in run.events:
        met[story] += kind in (EventKind.OWN_EYES, EventKind.EXPOSURE)
        posted[story] += kind == EventKind.SHARE and person < outcome.n_persons and channel not in contacts
    return [(run.offers[s], run.views[s], met[s], posted[s], reached[s]) for s in range(len(outcome.stories))]


def curves(outcome: Outcome, run: ReferenceRun) -> Any:
    """Persons aware by story, channel and curve tick, counted from the reference's state."""
    counted = np.zeros_like(outcome.column("curves"))
    for (s, _), record in run.state.items():
        counted[s, record.first_channel] += outcome.column("curve_ticks") >= record.first_tick
    return counted


def assert_agreement(world: SmallWorld) -> list[tuple[int, ...]]:
    """Compare everything that both return; return the events."""
    outcome, run = both(world)
    assert rows(outcome) == run.events
    assert columns(outcome) == reference_columns(run)
    assert coverage(outcome) == {key: tuple(row) for key, row in run.coverage.items()}
    assert tallies(outcome) == reference_tallies(outcome, run)
    assert np.array_equal(outcome.column("curves"), curves(outcome, run))
    return run.events


# --- the tests --------------------------------------------------------------------------------------------------------


def compare(first: int, record_property: Record) -> None:
    kinds: Counter[str] = Counter()
    for number in range(first, first + WORLDS_EACH):
        try:
            kinds.update(EventKind(event[1]).name for event in assert_agreement(seeded_world(number)))
        except Exception as error:
            error.add_note(f"in seeded_world({number})")
            raise
    for kind in EventKind:
        record_property(f"agreement events {kind.name}", kinds[kind.name])
        assert kinds[kind.name] >= LEAST_EACH, f"too few events of kind {kind.name}: {kinds}"
    record_property("agreement worlds", WORLDS_EACH)


@pytest.mark.parametrize("first", range(0, 16 * WORLDS_EACH, WORLDS_EACH))
def test_engine_and_reference_give_the_same_events(first: int, record_property: Record) -> None:
    compare(first, record_property)


@pytest.mark.verify
@pytest.mark.parametrize("first", range(100_000, 100_000 + 94 * WORLDS_EACH, WORLDS_EACH))
def test_engine_and_reference_give_the_same_events_in_many_more_worlds(first: int, record_property: Record) -> None:
    compare(first, record_property)


@pytest.mark.parametrize("tick", ["1 ms", "60 s"])
def test_engine_and_reference_agree_on_a_crowd(tick: str) -> None:
    assert len(assert_agreement(crowded_world(tick))) > 20_000


def news_on_television(**keys: Any) -> SmallWorld:
    outlet = {"medium": "television", "audience": 1.0, "tune_in": "always", "gather": "30 min", "verify": "30 min"}
    tables: dict[str, Any] = {
        "run": {"tick": "60 s", "settle": "60 s", "start": "2020-01-01T23:00:00"},
        "people": {"count": 5},
        "outlets": {"tv": outlet | {"coverage": "24 h"} | keys},
        "stories": {"s": {"kind": "news", "newsworthiness": 0.1}},
    }
    return SmallWorld(Scenario.model_validate(tables), {}, 1, 0)


def test_a_slot_that_rounds_to_midnight_is_one_of_the_day_that_begins() -> None:
    # Verified at midnight sharp, an hour after the start; with ticks of a minute 23:59:45 is midnight.
    events = assert_agreement(news_on_television(bulletins=["12:00:00", "12:00:10", "23:59:45"]))
    assert [event[0] for event in events if event[1] == EventKind.PUBLICATION] == [60, 780, 1500]


@settings(max_examples=25)
@given(worlds())
def test_engine_and_reference_agree_in_worlds_that_can_be_made_smaller(world: SmallWorld) -> None:
    assert_agreement(world)


ELSEWHERE = (Purpose.GRAPH, Purpose.MEMBER, Purpose.SEEDS, Purpose.CONTAGION, Purpose.BOOTSTRAP)
DRAWN = [p for p in Purpose if p not in ELSEWHERE]
"""What the reference draws itself: graphs and their members are given to it, the bootstrap is no part of a run."""


@pytest.mark.parametrize("purpose", DRAWN, ids=lambda purpose: purpose.name)
def test_the_comparison_notices_any_other_draw(purpose: Purpose, monkeypatch: pytest.MonkeyPatch) -> None:
    """With other draws for one purpose the reference must differ from the engine somewhere."""
    key = Draws.key

    def other_key(self: Draws, drawn: Purpose, *words: int | str) -> int:
        return key(self, drawn, *words) ^ (MASK if drawn == purpose else 0)

    monkeypatch.setattr(Draws, "key", other_key)
    assert any(differs(seeded_world(number)) for number in range(3 * WORLDS_EACH))


def test_the_comparison_notices_a_watched_share_that_is_rounded_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newsroom, "math", SimpleNamespace(ceil=math.floor, floor=math.floor, inf=math.inf))
    assert any(differs(seeded_world(number)) for number in range(3 * WORLDS_EACH))


@pytest.mark.parametrize(("purpose", "word"), [(Purpose.READING, "day"), (Purpose.TUNED, "viewing block")])
def test_the_comparison_notices_days_and_viewing_blocks_that_share_a_draw(
    purpose: Purpose, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair_key = Draws.pair_key

    def one_for_all(self: Draws, drawn: Purpose, words: tuple[int | str, ...], a: int | str, b: int) -> int:
        return pair_key(self, drawn, words, a, 1 if drawn == purpose else b)

    monkeypatch.setattr(Draws, "pair_key", one_for_all)
    assert any(differs(seeded_world(number)) for number in range(3 * WORLDS_EACH)), f"every {word} has the same draw"


@pytest.mark.parametrize("layer", ["FollowLayer", "ContactLayer"])
@pytest.mark.parametrize("ignored", ["since", "until"])
def test_the_comparison_notices_links_that_are_open_too_long(
    layer: str, ignored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = getattr(layers, layer)
    begin = kind.__init__

    def longer(self: Any, setting: Any, name: str, graph: dict[str, Any]) -> None:
        begin(self, setting, name, {key: value for key, value in graph.items() if key != ignored})

    monkeypatch.setattr(kind, "__init__", longer)
    assert any(differs(seeded_world(number)) for number in range(3 * WORLDS_EACH))


def differs(world: SmallWorld) -> bool:
    try:
        assert_agreement(world)
    except (AssertionError, ValueError):  # ValueError: other members are drawn than the graph has
        return True
    return False


@pytest.mark.parametrize("key", ["breaking_every", "block"])
def test_what_lasts_no_tick_is_refused(key: str) -> None:
    """Repeats at one tick would never end, and blocks of no length cannot be counted."""
    with pytest.raises(InputError, match=rf'outlets\.tv\.{key} = "20 s": lasts no tick of 1 min'):
        simulate(news_on_television(**{key: "20 s"}).scenario)


def test_a_half_life_that_lasts_no_tick_is_refused() -> None:
    scenario = news_on_television().scenario.changed({"stories.s.half_life": "20 s"})
    with pytest.raises(InputError, match=r'stories\.s\.half_life = "20 s": lasts no tick of 1 min'):
        simulate(scenario)

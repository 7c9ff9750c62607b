"""What objects show of themselves: one line each, and in notebooks small tables that hold no mark-up of others."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest

import six_persons
import small_results
from diffusion.graphs import FollowerGraph, star_graph
from diffusion.notebook import html_table
from diffusion.outcome import Outcome

NASTY = '<script src="https://example.org/x.js">alert("&")</script>'


def cells(page: str) -> list[list[str]]:
    """The table's rows as texts; what is no well-formed table fails here."""
    table = ET.fromstring(page)
    assert table.tag == "table"
    assert {part.tag for part in table.iter()} <= {"table", "caption", "tr", "th", "td"}
    assert all(not part.attrib for part in table.iter()), "nothing is fetched, nothing is styled"
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def test_a_table_escapes_its_cells_and_stays_small() -> None:
    page = html_table(NASTY, [(NASTY, "x" * 10_000), *[(k, k) for k in range(1000)]], head=("a", NASTY))
    rows = cells(page)
    assert rows[:2] == [["a", NASTY], [NASTY, "x" * 199 + "…"]]
    assert rows[-1] == ["… 1,001 rows"]
    assert len(page) < 3_000


def shown() -> dict[str, Any]:
    results = small_results.results({("slow", "fire"): [3.0] * 9, ("quick", "fire"): [1.0] * 9})
    return {
        "graph": FollowerGraph.from_links([NASTY], ["b"], origin=(NASTY,)),
        "scenario": six_persons.scenario(),
        "outcome": six_persons.outcome(),
        "results": results,
    }


@pytest.mark.parametrize("name", ["graph", "scenario", "outcome", "results"])
def test_everything_shows_itself_as_a_small_table(name) -> None:
    page = shown()[name]._repr_html_()
    assert len(page) < 4_000
    assert len(cells(page)) >= 2


def test_the_tables_say_what_matters() -> None:
    found = shown()
    assert ["persons", "2"] in cells(found["graph"]._repr_html_())
    assert ["note", NASTY] in cells(found["graph"]._repr_html_())
    scenario = dict(row for row in cells(found["scenario"]._repr_html_()))
    assert scenario["people"] == "6"
    assert scenario["stories"] == "fire (news), speech (statement)"
    rows = cells(found["outcome"]._repr_html_())
    assert rows[0] == ["story", "reached", "shares", "views"]
    assert [row[0] for row in rows[1:]] == ["fire", "speech"]
    assert rows[1][1] == "5 (83.3%)"
    results = cells(found["results"]._repr_html_())
    assert results[0][:2] == ["slow", "fire"]
    assert results[0][2].startswith("T50 3 h")


@pytest.mark.parametrize("thing", [six_persons.outcome(), six_persons.outcome().posts, star_graph(5)])
def test_one_line_is_one_short_line(thing) -> None:
    assert "\n" not in repr(thing)
    assert len(repr(thing)) < 150


def test_the_line_of_an_outcome_names_run_and_reach() -> None:
    outcome: Outcome = six_persons.outcome()
    assert repr(outcome) == "<Outcome: 6 persons, seed 1, replicate 0, record all; reached: fire 5, speech 2>"
    many = six_persons.outcome(stories=("a", "b", "c", "d"), tallies=(outcome.tallies[0],) * 4)
    assert repr(many).endswith("reached: a 5, b 5, c 5 and 1 more>")
    assert repr(outcome.posts) == f"<Posts: {len(six_persons.POSTS)}>"

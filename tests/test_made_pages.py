"""The pages that are made from what `make verify` and `make bench` leave: their lines from small files."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from verified import Entry

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(DOCS))
    return import_module("make_pages")


def entry(kind: str, file: str, verdict: str, **more: Any) -> dict[str, Any]:
    made = Entry(
        kind=kind, text="a fair die", number="mean", expected=3.5, measured=3.52, allowed="± 0.1",
        mistake="a die without six", control=3.0, false_alarm=1e-3, miss=1e-4, **more,
    )  # fmt: skip
    return {**made.as_dict(), "file": file, "test": "test_die", "verdict": verdict, "seconds": 1.25}


def test_laws_and_comparisons_have_a_table_for_each_file(pages: Any) -> None:
    card = {
        "complete": True,
        "versions": {"Python": "3.11.0", "EoN": "2.0"},
        "entries": [
            entry("law", "tests/laws/test_fair_dice.py", "holds"),
            entry("law", "tests/laws/test_loaded_dice.py", "FAILS"),
            entry("peer", "tests/peers/test_dice.py", "holds", library="EoN", control_rejected="p = 1e-9"),
        ],
    }
    lines = pages.right(card)
    assert "Python 3.11.0 · EoN 2.0." in lines and "3 checks, of which 1 fail." in lines
    assert not any("interrupted" in line for line in lines)
    assert any("interrupted" in line for line in pages.right({**card, "complete": False}))
    assert [line for line in lines[1:] if line.startswith("#")] == [
        "## Laws", "### Fair dice", "### Loaded dice", "## Other libraries", "### Dice",
    ]  # fmt: skip
    assert "| a fair die | mean | 3.5 | 3.52 | ± 0.1 | a die without six | 3 | FAILS |" in lines
    assert "| a fair die | EoN | mean | 3.5 | 3.52 | ± 0.1 | a die without six | 3, p = 1e-9 | holds |" in lines


def test_speeds_have_a_table_for_each_item_and_no_date(pages: Any) -> None:
    row = {"what": "ours over theirs", "value": 12.345, "unit": "×", "wanted": ">= 10", "met": True, "beside": {"s": 2}}
    idle = {"processor seconds": 3.2, "load after": 1.1}
    report: dict[str, Any] = {
        "quick": False,
        "machine": {"processor": "P", "cores": 8, "load before": 3},
        "versions": {"numpy": "2.0"},
        "items": [
            {"item": "some_speed", "rows": [row], "seconds": 3.2, "peak MiB": 1234.5, **idle},
            {"item": "broken", "rows": [], "failed": "no room"},
        ],
    }
    lines = pages.fast(report)
    assert "processor P · cores 8 · load before 3." in lines and "numpy 2.0." in lines
    assert "## Some speed" in lines and "| ours over theirs | 12.3 × | >= 10 | met | s 2 |" in lines
    assert "Not measured: broken (no room)." in lines
    busy = pages.fast({**report, "items": [{**report["items"][0], "load after": 2.1}]})
    assert any("rely on no number" in line for line in busy)
    assert not any("rely on" in line for line in lines)
    small = pages.fast({**report, "quick": True})
    assert any("small sizes" in line for line in small) and not any("| met |" in line for line in small)

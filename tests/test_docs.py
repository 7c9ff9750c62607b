"""The documentation hangs together: every page is in a table of contents, every link leads somewhere, every public
name is in the reference, and the pages that are made from the program are up to date."""

import inspect
import re
from collections import Counter
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path

import pytest

import diffusion

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
ROOMS = ["world", "graphs", "classic", "measures", "study", "figures"]
TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INCLUDED = re.compile(r"^```\{include\} (\S+)", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def text(page: Path) -> str:
    """The page with what it includes in its place."""
    return INCLUDED.sub(lambda m: (page.parent / m[1]).read_text(encoding="utf-8"), page.read_text(encoding="utf-8"))


def name(page: Path) -> str:
    return page.relative_to(DOCS).with_suffix("").as_posix()


def listed(page: Path) -> list[str]:
    """The pages that a page's tables of contents list; what is listed by name is left out of a pattern beside it."""
    found = []
    beside = [name(other) for other in PAGES if other.parent == page.parent and other != page]
    for block in TOCTREE.findall(page.read_text(encoding="utf-8")):
        entries = [line for line in block.splitlines() if line and not line.startswith(":")]
        plain = [(page.parent / entry).relative_to(DOCS).as_posix() for entry in entries if "*" not in entry]
        found += plain
        for pattern in (entry for entry in entries if "*" in entry):
            found += [n for n in beside if fnmatchcase(n.rpartition("/")[2], pattern) and n not in plain]
    return found


def test_every_page_is_in_one_table_of_contents() -> None:
    times = Counter(entry for page in PAGES for entry in listed(page))
    assert {entry: count for entry, count in times.items() if count > 1} == {}
    assert set(times) == {name(page) for page in PAGES} - {"index"}, "add a new page to a toctree of docs/index.md"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def faults(page: Path, body: str) -> list[str]:
    """Links of a page of the site that lead nowhere, or out of the site."""
    found = []
    for link in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", body)):
        target, _, anchor = link.partition("#")
        if "://" in link:
            continue
        place = (page.parent / target).resolve() if target else page
        inside = place.exists() and DOCS in (place, *place.parents)
        if not inside or (anchor and anchor not in anchors(place)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_pages_of_the_site(page: Path) -> None:
    assert faults(page, page.read_text(encoding="utf-8")) == []


def test_a_link_that_leads_nowhere_is_found() -> None:
    page = DOCS / "index.md"
    assert faults(page, "[a](model.md#2-draws) [b](https://example.org) [c](figures/media_race.png)") == []
    for link in ("modell.md", "model.md#3-draws", "../README.md", "api/nothing.md"):
        assert faults(page, f"see [here]({link})") == [link]


def documented(room: str) -> set[str]:
    """The names that the page of a room documents: functions and classes in `__all__`, and what is named by hand."""
    page = (DOCS / "api" / f"{room}.md").read_text(encoding="utf-8")
    module = import_module(f"diffusion.{room}" if room != "diffusion" else room)
    by_hand = set(re.findall(r"^\.\. auto\w+:: [\w.]+\.(\w+)$", page, re.MULTILINE))
    if f".. automodule:: diffusion.{room}" not in page:
        return by_hand
    public = {n: getattr(module, n) for n in module.__all__}
    return by_hand | {n for n, value in public.items() if inspect.isclass(value) or inspect.isfunction(value)}


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_of_a_room_is_in_the_reference(room: str) -> None:
    assert set(import_module(f"diffusion.{room}").__all__) - documented(room) == set()


def test_every_public_name_of_the_package_is_in_the_reference() -> None:
    found = set().union(*(documented(room) for room in ["diffusion", *ROOMS]))
    assert set(diffusion.__all__) - found == {"__version__"}


def test_the_format_of_experiment_files_is_described_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    made = import_module("experiment_format").page()
    written = (DOCS / "experiment-format.md").read_text(encoding="utf-8")
    again = "make it again: .venv/bin/python docs/make_results.py --only format"
    assert "\n".join(made).rstrip() + "\n" == written, again


def test_the_page_of_classical_models_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    made = import_module("classic_models").page()
    written = (DOCS / "classic" / "index.md").read_text(encoding="utf-8")
    assert "\n".join(made).rstrip() + "\n" == written, "make it again: make pages"

"""The pages that a newcomer follows: every block of code runs, and prints what the page says."""

from pathlib import Path

import pytest

from markdown_blocks import Block, Reader, blocks, matches

DOCS = Path(__file__).resolve().parents[1] / "docs"
FOLLOWED = ["tutorial.md", "own-graph.md", "own-people.md"]


@pytest.mark.parametrize("page", FOLLOWED)
def test_a_page_prints_what_it_says(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reader = Reader()
    found = blocks((DOCS / page).read_text(encoding="utf-8"))
    assert {"python", "text", "console"} <= {block.language for block in found}
    faults = [fault for block in found for fault in reader.run(block)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("printed", "expected", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a \nb\n", "a\nb", True),
        ("a\n1 of 2\n2 of 2\nb\n", "a\n…\nb\n", True),
        ("a\nb\n", "…\nb\n", True),
        ("a\nc\n", "a\nb\n", False),
        ("a\nb\nc\n", "a\nb\n", False),
        ("a\n1.5\nb\n", "a\n1x5\nb\n", False),
        ("x a\nb\n", "…\na\nb\n", False),
    ],
)
def test_outputs_are_compared_line_by_line(printed: str, expected: str, same: bool) -> None:
    assert matches(printed, expected) is same


def test_a_page_with_another_number_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reader = Reader()
    assert reader.run(Block("python", "print(1 + 1)\n", 1)) == []
    assert reader.run(Block("text", "3\n", 4)) != []
    assert reader.run(Block("console", "$ diffusion run nothing.toml\nerror: elsewhere\n", 8)) != []

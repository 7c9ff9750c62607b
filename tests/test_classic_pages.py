"""The pages of classical models: every block of Python runs, and what is printed there is what it prints."""

from pathlib import Path

import pytest

from markdown_blocks import Reader, blocks

PAGES = sorted((Path(__file__).resolve().parents[1] / "docs" / "classic").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_and_prints_what_it_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reader, faults = Reader(), []
    for block in blocks(page.read_text(encoding="utf-8")):
        told = block.language == "text" and reader.printed != ""  # other texts are formulas
        named = block.language in ("toml", "csv") and block.text.startswith("# ")
        if told or named or block.language in ("python", "console"):
            faults += reader.run(block)
    assert not faults, "\n".join(faults)

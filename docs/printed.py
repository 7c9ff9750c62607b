"""Write into the pages that a newcomer follows what their blocks print now: `python docs/printed.py`.

`tests/test_tutorial.py` holds the pages to it. Prose between the blocks that speaks of numbers is to be read again.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from markdown_blocks import ELLIPSIS, Reader, blocks  # noqa: E402

PAGES = ("docs/tutorial.md", "docs/own-graph.md", "docs/own-people.md")
_LAST_OF_PROGRESS = re.compile(r"^(\d+) of \1 runs.*$", re.MULTILINE)
_SHOWN = re.compile(r"```python\n(.*?)```\n\nprints\n\n```\n(.*?)```", re.DOTALL)


def _new_output(said: str, printed: str) -> str:
    """Return what a block should say: what is printed, progress as an ellipsis where it was one before."""
    if not said.startswith(ELLIPSIS):
        return printed.strip("\n") + "\n"
    progress = _LAST_OF_PROGRESS.search(printed)
    return f"{ELLIPSIS}\n" + printed[progress.end() + 1 if progress else 0 :].strip("\n") + "\n"


def update(page: Path) -> list[str]:
    """Run a page's blocks, write what they print into it, and return the first lines of what has changed."""
    text, reader, changed = page.read_text(encoding="utf-8"), Reader(), []
    for block in blocks(text):
        new = block.text
        for fault in reader.run(block):
            heading, _, printed = fault.partition("\n")
            before, after = "", new
            if block.language == "console":
                before, _, after = new.partition(f"{heading}\n")
                before += f"{heading}\n"
            said, command, rest = after.partition("\n$ ")
            new = before + _new_output(said, printed).removesuffix("\n" * bool(command)) + command + rest
            changed.append(f"{page.name}: {heading}")
        text = text.replace(block.text, new, 1)
    page.write_text(text, encoding="utf-8")
    return changed


def update_readme(page: Path) -> list[str]:
    """The same for the one example of the README."""
    text = page.read_text(encoding="utf-8")
    found = _SHOWN.search(text)
    if found is None:
        return []
    reader = Reader()
    reader.run(blocks(f"```python\n{found[1]}```\n")[0])
    page.write_text(text[: found.start(2)] + reader.printed + text[found.end(2) :], encoding="utf-8")
    return [] if reader.printed == found[2] else [f"{page.name}: the example"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for name in PAGES:
            Path(folder, Path(name).stem).mkdir()
            os.chdir(Path(folder, Path(name).stem))
            print("\n".join(update(ROOT / name)) or f"{name}: as it was")
        print("\n".join(update_readme(ROOT / "README.md")) or "README.md: as it was")

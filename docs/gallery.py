"""Draw the pictures of docs/figures.md: every figure once, from two experiments run small.

`make docs-results` calls it; `python docs/gallery.py` draws the pictures alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from tables import ROOT, save_small

from diffusion import study
from diffusion.config import read_experiment
from diffusion.figures import Film, figure

SMALL = ("people.count=20000", "measures.cascades=true")
REPLICATES = 12
PICTURES = {
    "media_race": ("race", "channels", "reach", "sources", "delays", "handoff", "cascades", "virality", "tree"),
    "fake_news": ("beliefs",),
}
"""Experiment -> figures that are drawn of it."""

STORIES = {"media_race": "explosion", "fake_news": "hoax"}


def draw(out: Path) -> list[Path]:
    """Run the experiments and write ``gallery-<figure>.png`` into `out`."""
    made = []
    for name, wanted in PICTURES.items():
        changes = [*SMALL, *(["run.record=events"] if "beliefs" in wanted else [])]
        read = read_experiment(ROOT / "experiments" / f"{name}.toml", overrides=changes, replicates=REPLICATES)
        results = study.run_experiment(read)
        for one in wanted:
            path = out / f"gallery-{one}.png"
            drawn = figure(results, one, story=STORIES[name])
            if isinstance(drawn, Film):
                raise SystemExit(f"{one} is a film, not a picture")
            save_small(drawn, path)
            made.append(path)
    return made


if __name__ == "__main__":
    for path in draw(ROOT / "docs" / "figures"):
        print(f"wrote {path}", file=sys.stderr)

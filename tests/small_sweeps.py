"""A small experiment with a sweep, as a file."""

from pathlib import Path
from typing import Any

from diffusion import Experiment, read_experiment
from diffusion.study.sweeps import Plan

FILE = """
[run]
replicates = 3
[people]
count = 60
[platforms.chirp]
kind = "follow"
graph = { generator = "popularity", mean_followers = 6.0 }
[outlets.tv]
medium = "television"
[stories.quake]
kind = "news"
witnesses = 6
[variants.all]
[variants.quiet]
"outlets.*.active" = false
"""
SWEEP = """
[sweep.grid]
"platforms.chirp.members" = [0.5, 1.0]
"stories.quake.appeal" = [0.1, 0.2]
"""


def read(folder: Path, text: str, **keys: Any) -> Experiment:
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return read_experiment(path, **keys)


def plan(folder: Path, text: str = FILE + SWEEP, **keys: Any) -> Plan:
    return Plan(read(folder, text, **keys))


def linked(folder: Path, links: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "links.csv").write_text("a,b\n" + links, encoding="utf-8")
    return FILE.replace(
        '{ generator = "popularity", mean_followers = 6.0 }', '{ file = "links.csv", meaning = "follower,followed" }'
    )

"""Runs that raised: a file in the store that says which they are, with all that is needed to repeat one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from diffusion.study.sweeps.agenda import ALL, Shard
from diffusion.study.sweeps.durable import write_durably, writing_to
from diffusion.study.sweeps.plan import Job, Plan
from diffusion.study.sweeps.work import Failure

_NAME = re.compile(r"failures(-\d+-of-\d+)?\.json")


class Failures:
    """The runs of a sweep, or of a shard, that have raised this time; a later attempt tries them again.

    Parameters
    ----------
    folder : Path
        Of the store.
    plan : Plan
    shard : Shard
        Every shard has a file of its own.
    """

    def __init__(self, folder: Path, plan: Plan, shard: Shard) -> None:
        self._folder = folder
        self._plan = plan
        name = "failures.json" if shard == ALL else f"failures-{shard.number}-of-{shard.of}.json"
        self.path = folder / name
        self._found: list[dict[str, Any]] = []
        self._scenarios: dict[str, Any] = {}

    def __len__(self) -> int:
        """How many runs have raised."""
        return len(self._found)

    def add(self, failure: Failure, job: Job) -> dict[str, Any]:
        """Note a failure, and return it as it is told."""
        place = f"point {job.point}, {job.variant}"
        told = {
            "run": failure.run,
            "point": job.point,
            "values": dict(self._plan.points[job.point]),
            "variant": job.variant,
            "replicate": job.replicate,
            "error": failure.error,
        }
        self._found.append(told | {"trace": failure.trace, "scenario": place})
        if place not in self._scenarios:
            self._scenarios[place] = self._plan.scenario(job).model_dump(mode="json")
        return told

    def write(self) -> None:
        """Write the file; without failures there is none."""
        with writing_to(self._folder):
            if not self._found:
                self.path.unlink(missing_ok=True)
                return
            found = sorted(self._found, key=lambda one: (one["point"], one["variant"], one["replicate"]))
            told = {"failures": found, "scenarios": self._scenarios}
            text = json.dumps(told, indent=2, ensure_ascii=False, default=str) + "\n"
            write_durably(self.path, text.encode())

    def known(self) -> set[str]:
        """Return the keys of all runs that have raised here or, as their files say, in other shards."""
        found: set[str] = set()
        for path in self._folder.iterdir():
            if _NAME.fullmatch(path.name):
                try:
                    found |= {str(one["run"]) for one in json.loads(path.read_bytes())["failures"]}
                except (OSError, ValueError, KeyError, TypeError):
                    continue
        return found

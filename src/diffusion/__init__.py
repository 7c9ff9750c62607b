"""Information diffusion over follower graphs: traditional media and social media on one clock.

Public names load when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diffusion.config import read_experiment
    from diffusion.design import Sample, Sweep, Until
    from diffusion.errors import InputError
    from diffusion.graphs import (
        FollowerGraph,
        Memberships,
        describe,
        generate_contacts,
        generate_followers,
        read_graph,
        read_memberships,
        write_graph,
    )
    from diffusion.outcome import Outcome
    from diffusion.scenario import Claim, Experiment, Known, Measures, RunSettings, Scenario
    from diffusion.simulation import cascades, ensemble, simulate
    from diffusion.study import Results, SweepResults, run_experiment, run_sweep
    from diffusion.versions import MODEL_VERSION
    from diffusion.world import (
        ContactPlatform,
        FollowPlatform,
        FriendPlatform,
        GroupPlatform,
        Official,
        Outlet,
        People,
        Story,
    )

__version__ = "0.1.0"

_HOMES = {
    "MODEL_VERSION": "versions",
    "Claim": "scenario",
    "ContactPlatform": "world",
    "Experiment": "scenario",
    "FollowPlatform": "world",
    "FollowerGraph": "graphs",
    "FriendPlatform": "world",
    "GroupPlatform": "world",
    "InputError": "errors",
    "Known": "scenario",
    "Measures": "scenario",
    "Memberships": "graphs",
    "Official": "world",
    "Outcome": "outcome",
    "Outlet": "world",
    "People": "world",
    "Results": "study",
    "RunSettings": "scenario",
    "Sample": "design",
    "Scenario": "scenario",
    "Story": "world",
    "Sweep": "design",
    "Until": "design",
    "cascades": "simulation",
    "describe": "graphs",
    "ensemble": "simulation",
    "generate_contacts": "graphs",
    "generate_followers": "graphs",
    "read_experiment": "config",
    "read_graph": "graphs",
    "read_memberships": "graphs",
    "run_experiment": "study",
    "run_sweep": "study",
    "SweepResults": "study",
    "simulate": "simulation",
    "write_graph": "graphs",
}

__all__ = [
    "MODEL_VERSION",
    "Claim",
    "ContactPlatform",
    "Experiment",
    "FollowPlatform",
    "FollowerGraph",
    "FriendPlatform",
    "GroupPlatform",
    "InputError",
    "Known",
    "Measures",
    "Memberships",
    "Official",
    "Outcome",
    "Outlet",
    "People",
    "Results",
    "RunSettings",
    "Sample",
    "Scenario",
    "Story",
    "Sweep",
    "SweepResults",
    "Until",
    "__version__",
    "cascades",
    "describe",
    "ensemble",
    "generate_contacts",
    "generate_followers",
    "read_experiment",
    "read_graph",
    "read_memberships",
    "run_experiment",
    "run_sweep",
    "simulate",
    "write_graph",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'diffusion' has no attribute {name!r}")
    value = getattr(import_module(f"diffusion.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

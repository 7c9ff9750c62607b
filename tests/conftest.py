"""What every test shares: hypothesis profiles, a plot backend without a screen, the folder of real data."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The fixtures and the closing lines of laws and of comparisons with other libraries.
pytest_plugins = ["laws.harness", "peers.harness"]

# Before anything imports pyplot.
os.environ.setdefault("MPLBACKEND", "Agg")

# "ci": the same examples on every machine, so a red run can be repeated by anybody. Compilation makes a first
# example slow, hence no deadline and no check of slowness.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# "verify": new examples each time and many more; a failing one is printed with what repeats it.
settings.register_profile(
    "verify",
    deadline=None,
    max_examples=1_000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real graphs and cascades, named by DIFFUSION_DATA; without it the test is skipped."""
    named = os.environ.get("DIFFUSION_DATA", "")
    if not named:
        pytest.skip("real data: DIFFUSION_DATA is not set")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"DIFFUSION_DATA = {named!r} is not a folder")
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say over how many worlds engine and reference were compared, and what kills of sweeps landed in.

    Cases write properties `agreement …` and `kills …`.
    """
    totals: dict[str, int] = {}
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name.startswith(("agreement ", "kills")) and isinstance(value, int):
                totals[name] = totals.get(name, 0) + value
    kills = {name: value for name, value in totals.items() if name.startswith("kills")}
    if kills:
        places = ", ".join(f"{name.split()[1]} {value}" for name, value in kills.items() if name != "kills")
        terminalreporter.write_line(f"sweeps killed: {kills['kills']} times, by what was under way: {places}")
    if "agreement worlds" in totals:
        counts = ", ".join(f"{name.split()[-1]} {value}" for name, value in totals.items() if "events" in name)
        terminalreporter.write_line(f"agreement: {totals['agreement worlds']} worlds, events by kind: {counts}")

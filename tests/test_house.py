"""The layout holds: who imports whom, what stays in its room, how long things may be.

Every rule of house_rules.py is shown to refuse a file that breaks it and to let a sound one through.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from house_rules import (
    Source,
    arrows,
    calls,
    files,
    global_random,
    heavy_imports,
    parse,
    reference_imports,
    sizes,
    star_imports,
    threads_of_arrow,
    untyped,
)

ROOT = Path(__file__).resolve().parents[1]
Rule = Callable[[Source], list[str]]
SOURCE_RULES: list[Rule] = [arrows, heavy_imports, global_random, star_imports, calls, sizes, untyped, threads_of_arrow]
TEST_RULES: list[Rule] = [global_random, star_imports, sizes]


def breaches(rule: Rule, sources: list[Source]) -> list[str]:
    return [f"{source.place}:{breach}" for source in sources for breach in rule(source)]


@pytest.mark.parametrize("rule", SOURCE_RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps(rule: Rule) -> None:
    sources = files(ROOT / "src" / "diffusion")
    assert sources, "no file was read"
    assert breaches(rule, sources) == []


@pytest.mark.parametrize("rule", TEST_RULES, ids=lambda rule: rule.__name__)
def test_the_tests_keep(rule: Rule) -> None:
    assert breaches(rule, files(ROOT / "tests")) == []


def test_the_reference_shares_only_the_definitions() -> None:
    sources = [source for source in files(ROOT / "tests") if source.place.startswith("reference")]
    assert breaches(reference_imports, sources) == []


LONG = "def f() -> None:\n" + "    x = 1\n" * 61
BROKEN = [
    (arrows, "graphs.readers", "from diffusion.engine import loop"),
    (arrows, "engine.loop", "def f():\n    from ..world import people"),
    (arrows, "measures.speed", "from diffusion import simulate"),
    (arrows, "world.people", "from diffusion import __version__"),
    (arrows, "units", "from . import laws"),
    (arrows, "misc.things", "x = 1"),
    (arrows, "outcome", "from diffusion.assembly import World"),
    (arrows, "assembly.luck", "from diffusion.simulation import Runner"),
    (arrows, "assembly.luck", "from diffusion import __version__"),
    (heavy_imports, "world.people", "def f():\n    import numba"),
    (heavy_imports, "measures.speed", "from numba import njit"),
    (heavy_imports, "study.summary", "import matplotlib.pyplot as plt"),
    (heavy_imports, "cli", "import importlib\nimportlib.import_module('matplotlib.pyplot')"),
    (heavy_imports, "graphs.readers", "import networkx as nx"),
    (global_random, "laws", "np.random.seed(1)"),
    (global_random, "laws", "import numpy\nnumpy.random.rand()"),
    (global_random, "laws", "from numpy.random import shuffle"),
    (global_random, "laws", "from numpy import random"),
    (global_random, "laws", "import random"),
    (star_imports, "laws", "from diffusion.units import *"),
    (calls, "world.people", "def f():\n    print(1)"),
    (calls, "cli", "eval('1')"),
    (calls, "laws", "exec('1')"),
    (sizes, "laws", "x = 1\n" * 401),
    (sizes, "reference.loop", "x = 1\n" * 301),
    (sizes, "laws", LONG),
    (untyped, "laws", "def f(x) -> int: ..."),
    (untyped, "laws", "def f(*x) -> int: ..."),
    (untyped, "laws", "def f(x: int): ..."),
    (threads_of_arrow, "study.observed", "import pyarrow.parquet as pq\npq.read_table(BytesIO(content))"),
    (threads_of_arrow, "study.observed", "import pyarrow as pa\npq.ParquetFile(pa.BufferReader(content)).read()"),
    (threads_of_arrow, "study.observed", "import pyarrow.csv as pacsv\npacsv.read_csv(io.BytesIO(content))"),
    (reference_imports, "reference.loop", "from diffusion.engine import loop"),
    (reference_imports, "reference.loop", "from diffusion import simulate"),
]
SOUND = [
    (arrows, "measures.speed", "from diffusion import outcome, units\nfrom . import _kernels"),
    (arrows, "engine.loop", "from ..graphs import FollowerGraph\nfrom diffusion.errors import InputError"),
    (arrows, "cli", "from diffusion import simulation, study"),
    (arrows, "cli", "from diffusion import __version__"),
    (arrows, "assembly.luck", "from diffusion.scenario import Scenario\nfrom diffusion.engine import arrays"),
    (arrows, "simulation", "from diffusion.assembly import World"),
    (heavy_imports, "measures._kernels", "import numba"),
    (heavy_imports, "graphs.interchange", "def f():\n    import networkx"),
    (heavy_imports, "figures.curves", "import matplotlib.pyplot as plt"),
    (global_random, "laws", "from numpy.random import Generator\nnp.random.default_rng(1).random()"),
    (global_random, "laws", "from diffusion.randomness import uniform"),
    (threads_of_arrow, "study.results", "import pyarrow.parquet as pq\npq.read_table(path)"),
    (
        threads_of_arrow,
        "study.observed",
        "import pyarrow as pa\npq.ParquetFile(pa.BufferReader(b)).read(use_threads=False)",
    ),
    (arrows, "__init__", "from .simulate import simulate"),
    (star_imports, "laws", "from diffusion.units import TICK"),
    (calls, "cli", "print(1)"),
    (sizes, "laws", "x = 1\n" * 400),
    (sizes, "laws", LONG.replace("    x = 1\n", "", 1)),
    (untyped, "laws", "@kernel\ndef f(x): ...\ndef g(*, x: int) -> int: ..."),
    (untyped, "engine.loop", "@hot_kernel\ndef f(x): ...\n@hot_inline\ndef g(x): ..."),
    (
        reference_imports,
        "reference.loop",
        "from diffusion import vocabulary\nfrom diffusion.laws import f",
    ),
]


@pytest.mark.parametrize(("rule", "place", "text"), BROKEN)
def test_a_broken_file_is_refused(rule: Rule, place: str, text: str) -> None:
    assert rule(parse(place, text)) != []


@pytest.mark.parametrize(("rule", "place", "text"), SOUND)
def test_a_sound_file_is_let_through(rule: Rule, place: str, text: str) -> None:
    assert rule(parse(place, text)) == []

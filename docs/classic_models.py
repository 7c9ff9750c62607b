"""The page of all classical models, made from their functions, their tests and their pages."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from diffusion.classic import MODELS, model

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "classic" / "index.md"
PEERS = {
    "EoN": "EoN", "cynetdiff": "CyNetDiff", "fastgemf": "FastGEMF", "ndlib": "NDlib", "networkit": "NetworKit",
    "pynetim": "PyNetIM",
}  # fmt: skip

HEAD = """\
# Classical models

Models of diffusion that are known from the literature, on follower graphs, in `diffusion.classic`. All are called in
the same way, from Python and on the command line:

```python
from diffusion import generate_followers
from diffusion.classic import independent_cascade

graph = generate_followers(2_000, mean_followers=10, seed=1)
spread = independent_cascade(graph, p=0.1, seeds="random:5", replicates=200, seed=1, record="curves")
print(spread.reached.mean())  # persons who were ever active
print(spread.curves.mean(axis=0))  # persons in each state, step by step
```

```
diffusion classic independent-cascade links.csv.gz --meaning follower,followed --p 0.1 --seeds random:5
diffusion classic sir graph.npz --transmission 0.1 --recovery 1 --replicates 1000 --record times --out results/sir
diffusion classic --help
```

The options of a command are the parameters of the function. It prints every number over the replicates with its mean, a
95 % interval (Student's t), the median and the range from 5 to 95 %. `--out FOLDER` leaves `runs.parquet` (one row per
replicate), `summary.csv`, a figure and `manifest.json`; with `--record curves` also the states over time, with `times`
and `parents` also `events.parquet`: who was reached when, and through whom.

| record | keeps |
|---|---|
| `sizes` | who was ever reached (how many), and how many are in which state at the end |
| `curves` | persons in each state over time |
| `times` | when each person was first reached; `Spread.outcome(k)` gives replicate k to [measures](../measures.md) |
| `parents` | through whom: cascades, their depth and virality |

Measures of reach, of times, of who told whom and of the shape of cascades take such an outcome; those that need
platforms, outlets or beliefs refuse it in one line. Its times are in steps or in the unit of the model's rates, not in
seconds.

Posts, rumours and infections travel from a person to the followers. Replicate k is a pure function of (model,
parameters, graph, seed, k): it depends neither on the number of threads nor on what is recorded. Models know no times
of links.

## Which there are

*Held by* names the theory that a test holds a model against, and libraries with which it agrees in distribution; in
each case a version with one plausible mistake must be told apart."""

TAIL = """\
```{toctree}
:hidden:
:glob:

*
```"""


ABOUT = {"independent_cascade": "cascade.md"}
"""Function -> its page, where other pages name it more often."""


def page() -> list[str]:
    """Return the lines of docs/classic/index.md."""
    laws, peers = _users("laws"), _users("peers")
    lines = [HEAD, "", "| command | function | states and time | held by |", "|---|---|---|---|"]
    for name in sorted(MODELS):
        function = model(name).__name__
        written = _page_about(function)
        linked = f"[`{function}`]({written})" if written else f"`{function}`"
        held = [_first_line(path) for path in laws if function in _names(path)]
        libraries = sorted({PEERS[n] for path in peers if function in _names(path) for n in _names(path) & set(PEERS)})
        held += [f"in distribution as {', '.join(libraries)}"] if libraries else []
        lines.append(f"| `{name}` | {linked} | {_states(name)} | {'; '.join(held)} |".replace("|  |", "| |"))
    return [*lines, "", TAIL]


def _users(folder: str) -> list[Path]:
    return sorted((ROOT / "tests" / folder).glob("test_*.py"))


def _names(path: Path) -> set[str]:
    """Return what a file imports: modules' first names and the names that it takes from them."""
    return set(_imported(ast.parse(path.read_text(encoding="utf-8"))))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
            yield from (alias.name for alias in node.names)


def _first_line(path: Path) -> str:
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
    first = " ".join(doc.partition("\n\n")[0].split()).rstrip(".")
    return first.replace("|", "∣").replace("*", "\\*")


def _page_about(function: str) -> str | None:
    """Return the page that names a function most often for its length, or that is stated to be about it."""
    if function in ABOUT:
        return ABOUT[function]
    word = re.compile(rf"(?<![\w.]){function}(?!\w)")
    shares = {}
    for path in sorted(PAGE.parent.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        shares[path.name] = len(word.findall(text)) / text.count("\n")
    del shares[PAGE.name]
    name = max(shares, key=lambda page: shares[page])
    return name if shares[name] else None


def _states(name: str) -> str:
    """Return what a docstring says of its states and of time: its section Returns up to a semicolon or a full stop."""
    doc = inspect.getdoc(model(name)) or ""
    section = doc.partition("Returns\n-------\n")[2].partition("\n\n")[0].splitlines()[1:]
    text = " ".join(line.strip() for line in section)
    sentence = re.split(r"[;.](?: |$)", text)[0]
    plain = sentence.removeprefix("States ").removeprefix("State ").replace("``", "`").replace("|", "∣")
    return plain[:1].lower() + plain[1:]

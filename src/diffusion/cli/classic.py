"""``diffusion classic``: run a classical model; its options are the parameters of its function.

Nothing of a model is loaded before it is asked for: then its signature says which options there are, and its docstring
what they mean.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperGroup

from diffusion.cli.before import COMPILING_S, check_writable, cores
from diffusion.cli.graph import Ends, GraphPath, Meaning
from diffusion.cli.options import options_of
from diffusion.cli.progress import say, show_progress
from diffusion.errors import InputError, suggestion

if TYPE_CHECKING:
    from diffusion.classic import Spread

REPLICATES = 100
"""What is run by default; the functions run one."""

_ONLY_IN_FILES = ("curves", "parents")
"""Levels of the record that show in files alone."""

_WAYS = "random:10, highest-degree:10, k-core:10, page-rank:10, degree-discount:10:0.05"
_SECTION = "----"


@dataclass(frozen=True)
class Shared:
    """What all models take, beside the graph."""

    seeds: Annotated[
        str, typer.Option(metavar="WAY:NUMBER|LABELS", help=f"Who is active at first: {_WAYS}; or labels 17,42.")
    ] = "random:1"
    replicates: Annotated[int, typer.Option(help="How many, each with luck of its own.")] = REPLICATES
    seed: Annotated[int, typer.Option(help="Equal seeds give equal numbers.")] = 0
    threads: Annotated[int | None, typer.Option(help="Replicates at the same time; by default one per core.")] = None
    record: Annotated[
        str, typer.Option(help="sizes; or times (also T10, T50, T90); with --out also curves and parents.")
    ] = "sizes"


Out = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Folder of results: tables, a manifest, a figure; if any.")
]


class _Models(TyperGroup):
    """One command per model, made when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        from diffusion.classic import MODELS

        return sorted(MODELS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        known = self.list_commands(ctx)
        if cmd_name not in known:
            raise InputError(f'there is no model "{cmd_name}"{suggestion(cmd_name.lower(), known)}')
        return command_of(cmd_name)


classic = typer.Typer(cls=_Models, no_args_is_help=True, help="Run a classical model.", rich_markup_mode=None)


# --- options from a function -----------------------------------------------------------------------------------------


def command_of(name: str) -> Any:
    """Return the command of a model."""
    from diffusion.classic import model

    function = model(name)
    listed = inspect.signature(function).parameters
    has_graph = "graph" in listed
    shared = [_as_there(option, listed[option.name]) for option in options_of(Shared) if option.name in listed]
    graph = [Parameter("graph", Parameter.KEYWORD_ONLY, annotation=GraphPath)] if has_graph else []
    meaning = Parameter("meaning", Parameter.KEYWORD_ONLY, default=None, annotation=Meaning)
    reading = [meaning, *options_of(Ends)] if has_graph else []
    out = Parameter("out", Parameter.KEYWORD_ONLY, default=None, annotation=Out)

    def command(**given: Any) -> None:
        _run(name, function, given)

    command.__signature__ = Signature([*graph, *own_options(function), *shared, *reading, out])  # type: ignore[attr-defined]
    command.__doc__ = _before_sections(function)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(name=name, short_help=_short(function))(command)
    return typer.main.get_command(app)


def _as_there(option: Parameter, parameter: Parameter) -> Parameter:
    """Return a shared option with the default that it has in a model, but for the number of replicates."""
    return option if option.name == "replicates" else option.replace(default=parameter.default)


def own_options(function: Callable[..., Any]) -> list[Parameter]:
    """Return a model's own parameters as options, with what its docstring says of them."""
    shared = {"graph", "progress", *(field.name for field in fields(Shared))}
    hints, told = get_type_hints(function), documented(function)
    return [
        Parameter(
            parameter.name,
            Parameter.KEYWORD_ONLY,
            default=parameter.default,
            annotation=_option(parameter.name, hints[parameter.name], told.get(parameter.name, "")),
        )
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name not in shared
    ]


def _option(name: str, hint: Any, told: str) -> Any:
    """Return how an option is read: as number, whole number, switch or text; "number or text" is told apart later."""
    kinds = _kinds(hint)
    word = f"--{name.strip('_').replace('_', '-')}"
    optional = types.NoneType in kinds
    kinds -= {types.NoneType}
    if kinds == {bool}:
        return Annotated[bool | None if optional else bool, typer.Option(f"{word}/--no-{word[2:]}", help=told)]
    kind: Any = next((k for k in (int, float) if kinds == {k} or kinds == {int, float}), str)
    if kind is str and str not in kinds:
        raise TypeError(f"{name}: {hint} cannot be written as an option")
    metavar = {int: "NUMBER", float: "NUMBER"}.get(kind, "NUMBER|TEXT" if kinds & {int, float} else "TEXT")
    return Annotated[kind | None if optional else kind, typer.Option(word, metavar=metavar, help=told)]


def _kinds(hint: Any) -> set[Any]:
    """Return the types that an annotation allows."""
    if get_origin(hint) in (Union, types.UnionType):
        return set().union(*(_kinds(part) for part in get_args(hint)))
    return {hint}


def documented(function: Callable[..., Any]) -> dict[str, str]:
    """Return what the section Parameters of a docstring (numpydoc) says of each."""
    found: dict[str, str] = {}
    for names, text in _entries(inspect.getdoc(function) or ""):
        found |= dict.fromkeys(names, " ".join(text))
    return found


def _entries(doc: str) -> Iterator[tuple[list[str], list[str]]]:
    _, _, section = doc.partition("Parameters\n----------\n")
    lines = section.splitlines()
    ends = [at - 1 for at, line in enumerate(lines) if at and line.startswith(_SECTION)]
    entry: tuple[list[str], list[str]] | None = None
    for line in lines[: min(ends, default=len(lines))]:
        if line and not line[0].isspace():
            if entry:
                yield entry
            entry = [name.strip() for name in line.partition(" :")[0].split(",")], []
        elif entry and line.strip():
            entry[1].append(line.strip())
    if entry:
        yield entry


def _short(function: Callable[..., Any]) -> str:
    """Return what a model is, for the list of models: its docstring's first line up to a colon."""
    first = " ".join(_before_sections(function).partition("\n\n")[0].split())
    return re.split(r"[:;.]( |$)", first)[0] + "."


def _before_sections(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").partition("\nParameters\n-----")[0].strip()


# --- a run -----------------------------------------------------------------------------------------------------------


def _run(name: str, function: Callable[..., Spread], given: dict[str, Any]) -> None:
    """Read the graph, run the model, print the table, and write the folder if one was asked for."""
    out: Path | None = given.pop("out")
    record = given.get("record")
    if out is None and record in _ONLY_IN_FILES:
        raise InputError(f"--record {record}: what it adds shows in files alone; give --out FOLDER")
    if given.get("threads") is not None and given["threads"] < 1:
        raise InputError(f"--threads {given['threads']}: give a whole number >= 1")
    if out is not None:
        from diffusion.study.spreads import check_spread_place

        check_spread_place(out)
        check_writable(out)
    source, graph = _read(given) if "graph" in given else ({}, None)
    if "seeds" in given:
        given["seeds"] = _seeds(graph, given["seeds"])
    hints = get_type_hints(function)
    asked = {key: _number_or_text(value, hints[key]) for key, value in given.items()}
    spread = _with_progress(name, function, ([] if graph is None else [graph]), asked)
    from diffusion.study.spreads import spread_lines, write_spread

    print("\n".join(spread_lines(spread)))
    if out is not None:
        from diffusion.figures.spreads import draw_spread

        print(f"\nresults: {write_spread(spread, out, draw=draw_spread, source=source)}")


def _read(given: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Read the graph, say what was assumed, and return what the manifest shall say of it."""
    from diffusion.graphs import read_graph

    path, meaning = given.pop("graph"), given.pop("meaning")
    reading = Ends(**{field.name: given.pop(field.name) for field in fields(Ends)}).options()
    graph = read_graph(path, meaning=meaning, **reading)
    for note in graph.notes:
        say(f"note: {note}")
    if graph.has_times:
        say("note: the times of its links do not count in classical models; every link is there always")
    return {"file": str(path), "meaning": meaning, **reading}, graph


def _seeds(graph: Any, text: str) -> Any:
    """Return seeds as models take them: a way to choose them as it is, else labels of the graph's kind."""
    from diffusion.classic.seeds import WAYS

    if ":" in text or text in WAYS or graph is None:
        return text
    labels = [label.strip() for label in text.split(",")]
    if graph.labels is not None and graph.labels.dtype.kind not in "iu":
        return labels
    wrong = next((label for label in labels if not label.lstrip("-").isdecimal()), None)
    if wrong is not None:
        known = suggestion(wrong, WAYS)
        raise InputError(
            f'--seeds "{text}": "{wrong}" is no label of this graph, whose labels are whole numbers{known}'
        )
    return [int(label) for label in labels]


def _number_or_text(value: Any, hint: Any) -> Any:
    """Turn the text of an option that takes numbers too into a number where it is one."""
    kinds = _kinds(hint)
    if isinstance(value, str) and str in kinds:
        for kind in (int, float):
            if kind in kinds:
                try:
                    return kind(value)
                except ValueError:
                    continue
    return value


def _with_progress(name: str, function: Callable[..., Spread], graph: list[Any], asked: Mapping[str, Any]) -> Spread:
    total = asked.get("replicates", 1)
    threads = asked.get("threads") or cores()
    size = f"{graph[0].n_persons:,} persons, {graph[0].n_links:,} links, " if graph else ""
    say(f"{name}: {size}{total:,} replicate{'s' if total != 1 else ''}, {threads} at a time")
    if not _is_compiled(function):
        say(f"compiling kernels (first run of this model on this machine, up to {COMPILING_S} s)…")
    with show_progress(total, begin="first replicates") as progress:
        return function(*graph, **asked, progress=progress)


def _is_compiled(function: Callable[..., Any]) -> bool:
    """Whether any kernel of a model's files lies compiled on disk."""
    from diffusion._jit import kernels_are_cached

    return any(kernels_are_cached(kernel) for kernel in kernels_of(function)) or not kernels_of(function)


def kernels_of(function: Callable[..., Any]) -> set[str]:
    """Return the kernels that a model's file knows, and those of the files of its room whose functions it knows."""
    import sys

    room = "diffusion.classic."
    common = {f"{room}{file}" for file in ("runs", "seeds", "spread")}
    found, seen, waiting = set(), set(common), [function.__module__]
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        for value in vars(sys.modules[module]).values():
            home = getattr(value, "__module__", None)
            if isinstance(home, str) and home.startswith(room) and home not in common:
                waiting.append(home)
                if hasattr(value, "py_func"):
                    found.add(f"{home.rpartition('.')[2]}.{value.py_func.__qualname__}")
    return found

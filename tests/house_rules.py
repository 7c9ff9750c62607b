"""The rules of the layout: each reads one parsed file and returns the breaches it found."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# A file imports rows above its own and, in its own row, rooms to its left.
ROWS = (
    ("errors", "notebook", "versions", "vocabulary", "_jit", "randomness", "units", "laws"),
    ("graphs", "engine"),
    ("world",),
    ("question", "design", "scenario", "config", "outcome", "assembly"),
    ("arguments", "threads", "classic", "simulation", "measures"),
    ("study", "figures"),
    ("cli", "__main__"),
)
PLACE = {room: (row, column) for row, rooms in enumerate(ROWS) for column, room in enumerate(rooms)}
NEVER = {
    ("measures", "simulation"),
    ("measures", "classic"),
    ("simulation", "classic"),
}  # although they stand to the left
ALWAYS = {("cli", "__version__")}  # the command line says which version of the package it is
HOMES = {
    "numba": {"_jit", "randomness", "laws", "graphs", "engine", "classic", "measures._kernels"},
    "matplotlib": {"figures"},
    "networkx": {"graphs.interchange"},
}
FOR_REFERENCE = {"errors", "vocabulary", "randomness", "units", "laws"}
SEEDED = {"default_rng", "Generator", "SeedSequence"}
IMPORTERS = {"importlib.import_module", "import_module", "__import__"}
COMPILERS = {"njit", "overload", "register_jitable", "intrinsic"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """One file: its dotted place below the package (or another root), its text, its tree, that root."""

    place: str
    text: str
    tree: ast.Module
    root: str


def parse(place: str, text: str, root: str = "diffusion") -> Source:
    return Source(place, text, ast.parse(text), root)


def files(folder: Path) -> list[Source]:
    return [
        parse(
            ".".join(path.relative_to(folder).with_suffix("").parts),
            path.read_text(encoding="utf-8"),
            folder.name,
        )
        for path in sorted(folder.rglob("*.py"))
    ]


def inside(place: str, home: str) -> bool:
    return place == home or place.startswith(home + ".")


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything imported anywhere in the file, relative and by importlib included."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = [source.root, *source.place.split(".")][: -node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in IMPORTERS:
            yield from ((node.lineno, str(a.value)) for a in node.args if isinstance(a, ast.Constant))


def rooms_used(source: Source) -> Iterator[tuple[int, str]]:
    for line, name in imports(source):
        package, _, rest = name.partition(".")
        if package == "diffusion":
            yield line, rest.partition(".")[0]


def arrows(source: Source) -> list[str]:
    own = source.place.partition(".")[0]
    if own == "__init__":
        return []
    if own not in PLACE:
        return [f"1: room {own!r} has no row"]
    return [
        f"{line}: {own} imports {used or 'the package itself'}"
        for line, used in rooms_used(source)
        if used != own
        and (own, used) not in ALWAYS
        and (PLACE.get(used, (99, 0)) >= PLACE[own] or (own, used) in NEVER)
    ]


def heavy_imports(source: Source) -> list[str]:
    return [
        f"{line}: {name} outside {sorted(HOMES[name.partition('.')[0]])}"
        for line, name in imports(source)
        if not any(inside(source.place, home) for home in HOMES.get(name.partition(".")[0], {source.place}))
    ]


def global_random(source: Source) -> list[str]:
    read = [(n.lineno, ast.unparse(n)) for n in ast.walk(source.tree) if isinstance(n, ast.Attribute)]
    found = [(line, name) for line, name in read if name.count(".") == 2] + list(imports(source))
    return [f"{line}: {name}" for line, name in found if is_global_random(name.replace("numpy.", "np.", 1))]


def is_global_random(name: str) -> bool:
    return inside(name, "random") or (inside(name, "np.random") and name.rpartition(".")[2] not in SEEDED)


def star_imports(source: Source) -> list[str]:
    return [f"{line}: {name}" for line, name in imports(source) if name.endswith(".*")]


def calls(source: Source) -> list[str]:
    banned = {"eval", "exec"} | (set() if inside(source.place, "cli") else {"print"})
    found = (n for n in ast.walk(source.tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name))
    return [f"{call.lineno}: {ast.unparse(call.func)}()" for call in found if ast.unparse(call.func) in banned]


def functions(source: Source) -> list[Function]:
    return [n for n in ast.walk(source.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def sizes(source: Source) -> list[str]:
    most = 300 if source.place.startswith("reference") else 400
    lines = source.text.count("\n")
    found = [f"1: {lines} lines"] if lines > most else []
    for function in functions(source):
        documented = ast.get_docstring(function, clean=False) is not None
        start = function.body[0].end_lineno if documented else function.body[0].lineno - 1
        body = (function.end_lineno or 0) - (start or 0)
        found += [f"{function.lineno}: {function.name} has {body} lines"] if body > 60 else []
    return found


def untyped(source: Source) -> list[str]:
    """Functions without complete annotations; kernels (whatever numba compiles) may do without."""
    kernels = [f for f in functions(source) if any(is_compiled(d) for d in f.decorator_list)]
    exempt = {id(node) for kernel in kernels for node in ast.walk(kernel)}
    return [f"{f.lineno}: {f.name}" for f in functions(source) if id(f) not in exempt and not is_annotated(f)]


def is_compiled(decorator: ast.expr) -> bool:
    name = ast.unparse(decorator).partition("(")[0].rpartition(".")[2]
    return name.startswith("hot_") or name.endswith("kernel") or name in COMPILERS


def is_annotated(function: Function) -> bool:
    listed = function.args
    starred = [a for a in (listed.vararg, listed.kwarg) if a is not None]
    named = [*listed.posonlyargs, *listed.args, *listed.kwonlyargs, *starred]
    missing = [a for a in named if a.annotation is None and a.arg not in {"self", "cls"}]
    return function.returns is not None and not missing


def reference_imports(source: Source) -> list[str]:
    return [f"{line}: diffusion.{used}" for line, used in rooms_used(source) if used not in FOR_REFERENCE]


def threads_of_arrow(source: Source) -> list[str]:
    """Calls by which pyarrow's threads would read what lies in Python's memory.

    They let go of it after the call has returned: where the program has come to its end by then, it is aborted (or
    hangs), because they can no longer have Python's lock (apache/arrow, issues 33975, 34314, 50482).
    """
    used = [ast.unparse(n) for n in ast.walk(source.tree) if isinstance(n, ast.Attribute | ast.Name)]
    in_memory = any(name.rpartition(".")[2] in {"BufferReader", "BytesIO"} for name in used)
    if not in_memory or not any(inside(name, "pyarrow") for _, name in imports(source)):
        return []
    found = [n for n in ast.walk(source.tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    alone = [n for n in found if "use_threads=False" in ast.unparse(n)]
    readers = [n for n in found if n.func.attr in {"read", "read_table", "ReadOptions"} and n not in alone]
    texts = [n for n in found if n.func.attr == "read_csv" and "read_options" not in {k.arg for k in n.keywords}]
    return [f"{n.lineno}: {ast.unparse(n.func)}" for n in readers + texts]

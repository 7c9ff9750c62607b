"""The one decorator for kernels: compiled without the GIL, cached on disk under a fingerprint of the kernels' source.

numba's own cache looks only at the file of the cached function: after an edit in a file that it calls, the old machine
code would be served. Here the cache folder carries a hash of every file that may hold a kernel, so an edit anywhere
among them starts a fresh folder; the last three folders are kept.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_KERNEL_SOURCES = (
    "vocabulary.py",
    "_jit.py",
    "randomness.py",
    "laws.py",
    "graphs",
    "engine",
    "classic",
    "measures/_kernels.py",
)
_KEPT = 3


def _sources() -> list[Path]:
    root = Path(__file__).parent
    files: list[Path] = []
    for name in _KERNEL_SOURCES:
        path = root / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.exists() else []
    return files


def fingerprint() -> str:
    """Return the hash of every file that may hold a kernel, with the versions that compile it."""
    digest = hashlib.blake2b(f"numba {numba.__version__}".encode(), digest_size=8)
    for path in _sources():
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _roots() -> list[Path]:
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return [Path(given)]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return [
        base / "diffusion",
        Path(tempfile.gettempdir()) / f"diffusion-{os.getuid() if hasattr(os, 'getuid') else 'user'}",
    ]


def _prune(root: Path, keep: Path) -> None:
    """Remove all but the most recently used cache folders."""
    folders = sorted((p for p in root.glob("kernels-*") if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in [p for p in folders if p != keep][_KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


@cache
def cache_folder() -> Path | None:
    """Return the folder of this source's compiled kernels, or None where none can be written."""
    for root in _roots():
        folder = root / f"kernels-{fingerprint()}"
        try:
            fresh = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
            os.utime(folder)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            if fresh:
                _prune(root, folder)
            return folder
    return None


def kernels_are_cached(name: str = "loop.run_events") -> bool:
    """Whether a compiled kernel of this very source lies on disk (a first run compiles for some seconds)."""
    folder = cache_folder()
    return numba.config.DISABLE_JIT or (folder is not None and any(folder.rglob(f"{name}*.nbc")))


def _compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    folder = None if numba.config.DISABLE_JIT else cache_folder()
    if folder is None:
        return numba.njit(nogil=True, **options)(function)
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)
    try:
        return numba.njit(nogil=True, cache=True, **options)(function)
    finally:
        numba.config.CACHE_DIR = before


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function with numba: no GIL, no fast-math (results must not depend on the compiler), cached on disk."""
    return _compiled(function)


def inline_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small function that is only ever called by kernels; it is cached inside its callers."""
    return numba.njit(nogil=True)(function)


def hot_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel that allocates nothing.

    It then counts no references to arrays, which would cost more than its work.
    """
    return _compiled(function, _nrt=False)


def hot_inline(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small function of a hot kernel, inlined by LLVM wherever it is called."""
    return numba.njit(nogil=True, forceinline=True, _nrt=False)(function)


def hot_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a larger function of a hot kernel, which allocates nothing either."""
    return numba.njit(nogil=True, _nrt=False)(function)


@intrinsic
def _count_leading_zeros(_context, word):
    def build(_context, builder, _signature, arguments):
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), build


@hot_inline
def _compiled_leading_zeros(word):
    return _count_leading_zeros(word)


def _plain_leading_zeros(word: Any) -> int:
    return 64 - int(word).bit_length()


leading_zeros: Callable[..., Any] = _plain_leading_zeros if numba.config.DISABLE_JIT else _compiled_leading_zeros
"""Return how many zeros stand before the first one of a non-zero 64-bit word."""

"""Stored follower graphs: an uncompressed .npz file or a folder of .npy files, opened by memory map."""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from diffusion.errors import InputError, expected
from diffusion.graphs.files import check_folder, fresh_file, path_of
from diffusion.graphs.follower_graph import Dropped, FollowerGraph

_FORMAT, _FORMAT_WITH_TIMES = 1, 2
"""A graph whose links begin or end is of another format, so that a version that knows no times refuses it."""

_ABOUT = "about.json"
_ARRAYS = ("offsets", "followers", "weights", "labels", "since", "until")
_ALIGNMENT = 64
_ZIP_HEADER, _ZIP64_EXTRA = 30, 20
_PADDING_ID = 0xD935
_BROKEN = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, struct.error)
_TEXT_SUFFIXES = {
    ".csv", ".tsv", ".txt", ".edgelist", ".edges", ".gz", ".xz", ".bz2", ".json",
    ".parquet", ".graphml", ".gexf", ".gml",
}  # fmt: skip


def is_stored(path: Path) -> bool:
    """Whether a path is a stored graph: an .npz file, or a folder of .npy files."""
    if path.is_dir():
        return (path / "offsets.npy").exists()
    return path.suffix == ".npz"


def write_graph(graph: FollowerGraph, path: str | os.PathLike[str]) -> Path:
    """Store a graph so that `read_graph` opens it by memory map.

    The file or folder appears all at once: a reader sees the old one or the new one, an interrupted writer leaves
    the old one.

    Parameters
    ----------
    graph : FollowerGraph
        The graph.
    path : str or path
        ``name.npz`` for one file, any name without a suffix for a folder.

    Returns
    -------
    Path
        Where it was stored.

    Raises
    ------
    InputError
        If the name has another suffix, its folder does not exist, or something else is there already.
    """
    expected("graph", graph, FollowerGraph, "a FollowerGraph (read_graph reads one)")
    place = path_of("path", path)
    where = f'graph "{path}"'
    check_folder(place, "graph")
    if place.suffix != ".npz" and place.suffix in _TEXT_SUFFIXES:
        raise InputError(
            f"{where}: graphs are stored as .npz or as a folder (a name without a suffix); write_links writes lists"
        )
    if place.exists() and not (is_stored(place) and place.is_dir() == (place.suffix != ".npz")):
        raise InputError(f"{where}: something else is there already; remove it or choose another name")
    about = {
        "format": _FORMAT_WITH_TIMES if graph.has_times else _FORMAT,
        "dropped": list(graph.dropped),
        "origin": list(graph.origin),
        "hash": graph.content_hash,
        "clock": graph.clock,
    }
    arrays = {name: getattr(graph, name) for name in _ARRAYS if getattr(graph, name) is not None}
    if place.suffix == ".npz":
        _write_file(place, about, arrays)
    else:
        _write_folder(place, about, arrays)
    return place


def _write_file(place: Path, about: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    with fresh_file(place) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(_ABOUT), json.dumps(about))
        for key, array in arrays.items():
            member = _aligned_member(f"{key}.npy", stream.tell())
            with archive.open(member, "w", force_zip64=True) as out:
                np.lib.format.write_array(out, array, allow_pickle=False)


def _aligned_member(name: str, at: int) -> zipfile.ZipInfo:
    """Return a member whose bytes start at a multiple of 64, so that its array can be mapped where it lies."""
    member = zipfile.ZipInfo(name)
    # numpy pads the .npy header to a multiple of 64 itself
    filled = at + _ZIP_HEADER + len(name) + _ZIP64_EXTRA + 4
    gap = -filled % _ALIGNMENT
    member.extra = struct.pack("<HH", _PADDING_ID, gap) + bytes(gap)
    return member


def _write_folder(place: Path, about: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    fresh = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
    try:
        (fresh / _ABOUT).write_text(json.dumps(about))
        for key, array in arrays.items():
            np.save(fresh / f"{key}.npy", array, allow_pickle=False)
        if place.exists():
            old = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
            os.replace(place, old / "old")
            os.replace(fresh, place)
            shutil.rmtree(old)
        else:
            os.replace(fresh, place)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def load(path: Path) -> FollowerGraph:
    """Open a stored graph by memory map; its layout is checked, which reads it once.

    Raises
    ------
    InputError
        If something is missing, damaged, or of another format.
    """
    where = f'graph "{path}"'
    try:
        about, arrays = _open_folder(path) if path.is_dir() else _open_file(path, where)
    except _BROKEN as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{where} is damaged or cut short: {error}; store it again") from None
    missing = [name for name in ("offsets", "followers") if name not in arrays]
    if missing:
        raise InputError(f"{where} holds no {missing[0]}: not a graph stored by write_graph (found: {_listed(arrays)})")
    if about.get("format", _FORMAT) not in (_FORMAT, _FORMAT_WITH_TIMES):
        raise InputError(f"{where} is of format {about['format']}; this version reads up to {_FORMAT_WITH_TIMES}")
    try:
        dropped = Dropped(*about.get("dropped", ()))
        return FollowerGraph(
            arrays["offsets"],
            arrays["followers"],
            arrays.get("weights"),
            arrays.get("labels"),
            dropped,
            tuple(about.get("origin", ())),
            since=arrays.get("since"),
            until=arrays.get("until"),
            clock=about.get("clock", "run"),
        )
    except (InputError, TypeError) as error:
        raise InputError(f"{where}: {error}") from None


def _listed(arrays: dict[str, NDArray[Any]]) -> str:
    return ", ".join(sorted(arrays)) or "nothing"


def _open_folder(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    about = json.loads((path / _ABOUT).read_text()) if (path / _ABOUT).exists() else {}
    present = [name for name in _ARRAYS if (path / f"{name}.npy").exists()]
    return about, {name: np.load(path / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in present}


def _open_file(path: Path, where: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    arrays: dict[str, NDArray[Any]] = {}
    with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
        names = archive.namelist()
        if {"indptr.npy", "indices.npy"} <= set(names):
            raise InputError(f"{where} is a scipy matrix; use scipy.sparse.load_npz and FollowerGraph.from_scipy")
        about = json.loads(archive.read(_ABOUT)) if _ABOUT in names else {}
        for member in archive.infolist():
            if member.filename.removesuffix(".npy") in _ARRAYS:
                arrays[member.filename.removesuffix(".npy")] = _open_member(path, stream, archive, member)
    return about, arrays


def _open_member(path: Path, stream: BinaryIO, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """Map one array where it lies in the file, or read it if it is packed or lies askew."""
    if member.compress_type == zipfile.ZIP_STORED:
        stream.seek(member.header_offset)
        name_length, extra_length = struct.unpack("<26xHH", stream.read(_ZIP_HEADER))
        stream.seek(name_length + extra_length, os.SEEK_CUR)
        version = np.lib.format.read_magic(stream)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read_header(stream)
        at = stream.tell()
        if not fortran and not dtype.hasobject and at % dtype.alignment == 0 and 0 not in shape:
            return np.memmap(path, dtype, "r", at, shape)
    with archive.open(member) as packed:
        array: NDArray[Any] = np.lib.format.read_array(packed, allow_pickle=False)
    return array

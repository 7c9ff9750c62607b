"""Reading the bytes of a file, packed or plain, with errors that say what is wrong with it; writing one all at once."""

from __future__ import annotations

import bz2
import lzma
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from uuid import uuid4

from diffusion.errors import InputError, shown, suggestion

_GZIP, _XZ, _BZIP2 = b"\x1f\x8b", b"\xfd7zXZ\x00", b"BZh"
_PARQUET, _LOOKED_AT = b"PAR1", 4096
PACKED = (".gz", ".xz", ".bz2")
"""Suffixes of packed files."""

_BROKEN = (zlib.error, lzma.LZMAError, OSError)


class _Unpacker(Protocol):
    """What zlib, lzma and bz2 have in common."""

    eof: bool
    unused_data: bytes

    def decompress(self, packed: bytes, /) -> bytes:
        """Return what the packed bytes hold."""


def path_of(what: str, given: Any) -> Path:
    """Return a path; what is none is an InputError, `what` being the argument or the thing that lies there."""
    if isinstance(given, str | os.PathLike):
        return Path(given)
    raise InputError(f"{what} = {shown(given)}: give the path of a file or folder")


def check_exists(path: Path, what: str) -> None:
    """Raise InputError unless a file or folder is there; the message names a similar name from the same folder."""
    if path.exists():
        return
    folder = path.parent
    if not folder.is_dir():
        raise InputError(f'{what} "{path}": there is no folder "{folder}"')
    raise InputError(f'{what} "{path}": no such file{suggestion(path.name, (p.name for p in folder.iterdir()))}')


def read_unpacked(path: Path, what: str) -> bytes:
    """Return the content of a file, unpacked if it starts like gzip, xz or bzip2 (whatever its name).

    Raises
    ------
    InputError
        If the file is missing, a folder, empty, unreadable, or a packed file that is cut short or damaged.
    """
    check_exists(path, what)
    if path.is_dir():
        raise InputError(f'{what} "{path}" is a folder; give a file')
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f'{what} "{path}" cannot be read: {error.strerror}') from None
    if not content:
        raise InputError(f'{what} "{path}" is empty')
    if content.startswith(_GZIP):
        return _unpack(content, lambda: zlib.decompressobj(wbits=31), f'{what} "{path}"', "gzip")
    if content.startswith(_XZ):
        return _unpack(content, lzma.LZMADecompressor, f'{what} "{path}"', "xz")
    if content.startswith(_BZIP2):
        return _unpack(content, bz2.BZ2Decompressor, f'{what} "{path}"', "bzip2")
    return content


def _unpack(content: bytes, opener: Any, where: str, kind: str) -> bytes:
    """Unpack all members of a packed file."""
    parts: list[bytes] = []
    while content:
        unpacker: _Unpacker = opener()
        try:
            parts.append(unpacker.decompress(content))
        except _BROKEN as error:
            raise InputError(f"{where} is damaged: {kind} says {str(error).lower()!r}; fetch it again") from None
        if not unpacker.eof:
            raise InputError(f"{where} is cut short: its {kind} stream has no end; fetch it again")
        content = unpacker.unused_data.lstrip(b"\0")
    return parts[0] if len(parts) == 1 else b"".join(parts)


def kind_of(path: Path, content: bytes) -> str:
    """Return what an unpacked file is: "parquet", "graphml", "gexf", "gml" or "text" (a list of links)."""
    if content.startswith(_PARQUET):
        return "parquet"
    start = content[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return "gexf" if b"<gexf" in start else "graphml"
    suffixes = [suffix for suffix in path.suffixes if suffix not in PACKED]
    return "gml" if suffixes and suffixes[-1] == ".gml" else "text"


def check_folder(place: Path, what: str) -> None:
    """Raise InputError unless the folder is there in which a file shall be written."""
    if not place.parent.is_dir():
        raise InputError(f'{what} "{place}": there is no folder "{place.parent}"; make it first')


@contextmanager
def fresh_file(place: Path) -> Iterator[BinaryIO]:
    """Open a file beside its final place; it is moved there when everything has been written, else removed."""
    fresh = place.with_name(f".{place.name}.{uuid4().hex[:8]}")
    try:
        with fresh.open("xb") as stream:
            yield stream
        os.replace(fresh, place)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise

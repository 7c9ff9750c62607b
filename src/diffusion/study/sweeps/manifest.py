"""The manifest of a sweep's store: what was asked, who computed it, and the hashes of its tables.

There are two copies. Each carries a hash of itself, so that a damaged one is never read; the one that names the table
of runs as it lies there holds, so that a program killed between writing the one and the other harms nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from diffusion.study.results import MANIFEST, RUNS
from diffusion.study.sweeps.durable import digest, write_durably

FORMAT = "diffusion sweep"
PARTS, DAMAGED = "parts", "damaged"
_CHECK = "checksum"


def manifest_paths(folder: Path) -> tuple[Path, Path]:
    """Return where the manifest of a store lies, and its copy."""
    return folder / MANIFEST, folder / PARTS / MANIFEST


def sealed(manifest: dict[str, Any]) -> bytes:
    """Return a manifest as it is written: JSON that carries the hash of what it says."""
    content = {key: value for key, value in manifest.items() if key != _CHECK}
    text = json.dumps(content | {_CHECK: _checksum(content)}, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def unsealed(path: Path) -> dict[str, Any] | None:
    """Read a manifest; None if there is none, if it is damaged, or is that of something else."""
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return None
    content = {key: value for key, value in manifest.items() if key != _CHECK}
    return content if manifest.get(_CHECK) == _checksum(content) else None


def read_manifests(folder: Path) -> list[dict[str, Any]]:
    """Return the sound manifests of a store: at most two, the one in the folder itself first."""
    return [found for path in manifest_paths(folder) if (found := unsealed(path)) is not None]


def write_manifest(place: Path, manifest: dict[str, Any]) -> None:
    """Write a manifest, whole or not at all."""
    write_durably(place, sealed(manifest))


def runs_digest(manifest: dict[str, Any]) -> str | None:
    """Return the hash of the table of runs that a manifest tells of; None before there is one."""
    found: str | None = manifest.get("files", {}).get(RUNS, {}).get("blake2b")
    return found


def is_sweep(folder: Path) -> bool:
    """Whether a folder holds the store of a sweep, be its manifest sound or not."""
    return bool(read_manifests(folder)) or ((folder / MANIFEST).exists() and (folder / PARTS).is_dir())


def _checksum(content: dict[str, Any]) -> str:
    return digest(json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False).encode())

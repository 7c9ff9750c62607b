"""The hash by which graphs are told apart: over their content, not over how or where they were built."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffusion.graphs.labels import Labels

_BATCH = 1 << 16


def content_hash(arrays: Mapping[str, NDArray[Any] | None], labels: Labels | None, clock: str) -> str:
    """Return 32 hexadecimal digits (BLAKE2b) over a graph.

    Parameters
    ----------
    arrays : mapping
        "offsets", "followers", then "weights", "since" and "until", each None where there are none.
    labels : (n,) labels or None
        None means 0..n-1.
    clock : str
        What `since` and `until` count from; without effect where both are None.
    """
    digest = hashlib.blake2b(b"follower graph 1", digest_size=16)
    offsets, followers = arrays["offsets"], arrays["followers"]
    assert offsets is not None and followers is not None
    digest.update(np.array([offsets.size - 1, followers.size], "<i8").tobytes())
    for name, array in arrays.items():
        if array is not None:
            digest.update(name.encode())
            digest.update(_bytes_of(array))
    if arrays["since"] is not None or arrays["until"] is not None:
        digest.update(f"clock {clock}".encode())
    if labels is not None and labels.dtype.kind == "i":
        digest.update(b"integers")
        digest.update(_bytes_of(labels))
    elif labels is not None:
        digest.update(b"texts")
        for start in range(0, labels.size, _BATCH):
            digest.update("".join(f"{t}\0" for t in labels[start : start + _BATCH].tolist()).encode())
    return digest.hexdigest()


def _bytes_of(array: NDArray[Any]) -> memoryview:
    """Return the bytes of an array, little end first on every machine, without a copy on most."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return np.ascontiguousarray(little).view(np.uint8).data

"""Memory that begins where a line of memory does.

numpy's own begins a quarter of a line later: every row of a line would lie in two, and half of those of half a line.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 64
"""Bytes in a line of memory."""


def at_lines(shape: tuple[int, ...], dtype: Any, *, zeros: bool = False) -> NDArray[Any]:
    """Return an array that begins at a line of memory.

    Parameters
    ----------
    shape : tuple of int
    dtype : dtype
    zeros : bool
        Whether it holds zeros; else what it holds is undefined.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = (np.zeros if zeros else np.empty)(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + size].view(dtype).reshape(shape)

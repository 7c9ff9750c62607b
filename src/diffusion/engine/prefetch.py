"""Asking for memory before it is needed; speed.md's "prefetch of what is ahead"."""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array


@intrinsic
def _prefetch_row(_context: Any, array: Any, row: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = make_array(signature.args[0])(context, builder, arguments[0])
        byte = ir.IntType(8).as_pointer()
        strides = cgutils.unpack_tuple(builder, found.strides)
        start = builder.ptrtoint(found.data, ir.IntType(64))
        place = builder.inttoptr(builder.add(start, builder.mul(arguments[1], strides[0])), byte)
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        call = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(call, [place, ir.Constant(word, 1), ir.Constant(word, 3), ir.Constant(word, 1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), build


if numba.config.DISABLE_JIT:

    def prefetch(array: Any, row: Any) -> None:
        """Do nothing: without compilation there is nothing to hurry."""

else:

    @numba.njit(nogil=True, forceinline=True, _nrt=False)
    def prefetch(array, row):
        """Ask for the cache line at the start of an array's row. The row need not exist."""
        _prefetch_row(array, row)

"""Structs of arrays that kernels receive by address.

numba passes a NamedTuple by value: a struct of a hundred arrays costs seven hundred machine words at every call of
every small function, and minutes of compile time. A `Table` is an ordinary Python object whose attributes are arrays,
numbers and other tables; compiled code receives the address of its descriptor and loads a field where it is used.
Without compilation (NUMBA_DISABLE_JIT) kernels read the same attributes of the same object.

A table never changes once made and keeps its arrays alive; compiled code counts no references to them.
"""

from __future__ import annotations

import hashlib
import operator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    models,
    overload,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import from_dtype

_WORDS = 5
"""Machine words per field of a descriptor: a number or an address, then up to four dimensions."""

Array = tuple[type[np.generic], tuple[int, ...]]
"""What an array field holds: its scalar type, and its shape with 0 for lengths that vary."""

_NUMBERS = {int: types.int64, float: types.float64}


class Table:
    """Base of the structs; a subclass lists its fields.

    Attributes
    ----------
    FIELDS : dict
        Name -> `int`, `float`, `Array`, a subclass of `Table`, or a list of one such subclass.
    LAYOUT : str
        A short name for the fields and their order (long type names make long compile times).
    """

    FIELDS: ClassVar[dict[str, Any]] = {}
    LAYOUT: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.LAYOUT = hashlib.blake2b(repr(list(cls.FIELDS.items())).encode(), digest_size=4).hexdigest()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, **values: Any) -> None:
        if set(values) != set(self.FIELDS):
            raise TypeError(f"{type(self).__name__} needs exactly {sorted(self.FIELDS)}, got {sorted(values)}")
        descriptor = np.zeros(_WORDS * len(self.FIELDS), dtype=np.int64)
        self._kept: list[Any] = [descriptor]
        for at, (name, kind) in enumerate(self.FIELDS.items()):
            value = values[name]
            word = descriptor[_WORDS * at : _WORDS * (at + 1)]
            if kind is int or kind is float:
                value = kind(value)
                word[:1].view(np.int64 if kind is int else np.float64)[0] = value
            elif isinstance(kind, tuple):
                self._check_array(name, kind, value)
                word[0] = value.ctypes.data
                word[1 : 1 + value.ndim] = value.shape
            elif isinstance(kind, list):
                addresses = np.array([item.address for item in value], dtype=np.int64)
                self._kept.append(addresses)
                word[0] = addresses.ctypes.data
            else:
                word[0] = value.address
            self._kept.append(value)
            setattr(self, name, value)
        self.address = int(descriptor.ctypes.data)

    def _check_array(self, name: str, kind: Array, value: Any) -> None:
        dtype, shape = kind
        fits = isinstance(value, np.ndarray) and value.dtype == np.dtype(dtype) and value.ndim == len(shape)
        fits = fits and value.flags.c_contiguous
        if not fits or any(wanted not in (0, found) for wanted, found in zip(shape, value.shape, strict=True)):
            found = f"{value.dtype} {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__
            raise TypeError(f"{type(self).__name__}.{name} must be C-contiguous {np.dtype(dtype)} {shape}, not {found}")

    def replaced(self, **values: Any) -> Any:
        """Return a table in which some fields are others."""
        return type(self)(**{name: values.get(name, getattr(self, name)) for name in self.FIELDS})


class TableType(types.Type):
    """The numba type of a `Table` subclass: one machine word, the descriptor's address."""

    def __init__(self, table: type[Table]) -> None:
        self.table = table
        super().__init__(name=f"{table.__name__}_{table.LAYOUT}")


class TableListType(types.Type):
    """The numba type of a list of tables: the address of their addresses."""

    def __init__(self, table: type[Table]) -> None:
        self.table = table
        super().__init__(name=f"{table.__name__}s_{table.LAYOUT}")


@register_model(TableType)
@register_model(TableListType)
class _AddressModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.IntType(64))


_TYPES: dict[type[Table], TableType] = {}


@typeof_impl.register(Table)
def _typeof_table(value: Table, _context: Any) -> TableType:
    table = type(value)
    if table not in _TYPES:
        _TYPES[table] = TableType(table)
    return _TYPES[table]


@unbox(TableType)
def _unbox_table(_kind: TableType, value: Any, c: Any) -> NativeValue:
    found = c.pyapi.object_getattr_string(value, "address")
    address = c.pyapi.long_as_longlong(found)
    c.pyapi.decref(found)
    return NativeValue(address, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


def _field_type(kind: Any) -> types.Type:
    if kind is int or kind is float:
        return _NUMBERS[kind]
    if isinstance(kind, tuple):
        return types.Array(from_dtype(np.dtype(kind[0])), len(kind[1]), "C")
    return TableListType(kind[0]) if isinstance(kind, list) else TableType(kind)


@infer_getattr
class _TableFields(AttributeTemplate):
    key = TableType

    def generic_resolve(self, kind: TableType, name: str) -> types.Type | None:
        found = kind.table.FIELDS.get(name)
        return None if found is None else _field_type(found)


def _constant_load(builder: Any, place: Any) -> Any:
    """Load a word of a descriptor; descriptors never change, so that a load may leave a loop that stores."""
    loaded = builder.load(place)
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded


@lower_getattr_generic(TableType)
def _load_field(context: Any, builder: Any, kind: TableType, address: Any, name: str) -> Any:
    word = ir.IntType(64)
    at = list(kind.table.FIELDS).index(name)
    field = kind.table.FIELDS[name]
    words = builder.inttoptr(address, word.as_pointer())

    def load(offset: int) -> Any:
        return _constant_load(builder, builder.gep(words, [ir.Constant(word, _WORDS * at + offset)]))

    if field is float:
        return builder.bitcast(load(0), ir.DoubleType())
    if not isinstance(field, tuple):
        return load(0)
    array_type = _field_type(field)
    size = context.get_abi_sizeof(context.get_data_type(array_type.dtype))
    shape = [ir.Constant(word, fixed) if fixed else load(1 + axis) for axis, fixed in enumerate(field[1])]
    strides = [ir.Constant(word, size)]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    array = make_array(array_type)(context, builder)
    data = builder.inttoptr(load(0), context.get_data_type(array_type.dtype).as_pointer())
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=ir.Constant(word, size), meminfo=None)
    return array._getvalue()


@intrinsic
def _table_at(_context, tables, index):
    result = TableType(tables.table)

    def load(_context, builder, _signature, arguments):
        word = ir.IntType(64)
        addresses = builder.inttoptr(arguments[0], word.as_pointer())
        return _constant_load(builder, builder.gep(addresses, [arguments[1]]))

    return result(tables, types.int64), load


@overload(operator.getitem)
def _item(tables, index):
    if isinstance(tables, TableListType):
        return lambda tables, index: _table_at(tables, np.int64(index))
    return None

"""What a tensor's numbers can be, and what comes out when two kinds of number meet.

The names, the text they print as and the promotion rules are PyTorch's
(https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch.dtype), so a line
printed here is the line that PyTorch prints.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np


class dtype:  # noqa: N801  PyTorch's name
    """The type of a tensor's elements: ``float32``, ``int64``, ``bool``, ...

    >>> float32.is_floating_point, float32.itemsize
    (True, 4)
    """

    __slots__ = ("is_floating_point", "itemsize", "name", "numpy")

    def __init__(self, name: str) -> None:
        self.name = name
        self.numpy: np.dtype[Any] = np.dtype(name)
        self.is_floating_point: builtins.bool = self.numpy.kind == "f"
        self.itemsize = self.numpy.itemsize

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return "bool_" if self.name == "bool" else self.name  # what it is called in this file


float32 = dtype("float32")
float64 = dtype("float64")
int8 = dtype("int8")
int16 = dtype("int16")
int32 = dtype("int32")
int64 = dtype("int64")
uint8 = dtype("uint8")
bool_ = dtype("bool")

_ALL = (float32, float64, int8, int16, int32, int64, uint8, bool_)
_BY_NUMPY = {d.numpy: d for d in _ALL}

# The name of each type in PyTorch's older vocabulary: torch.LongTensor, "Long" in its errors.
LEGACY_NAMES = {
    float32: "Float", float64: "Double", int8: "Char", int16: "Short",
    int32: "Int", int64: "Long", uint8: "Byte", bool_: "Bool",
}  # fmt: skip


def from_numpy_dtype(numpy_dtype: np.dtype[Any]) -> dtype:
    """Return the tensor type of a NumPy type; TypeError where minigrad has none."""
    try:
        return _BY_NUMPY[numpy_dtype]
    except KeyError:
        supported = ", ".join(d.name for d in _ALL)
        raise TypeError(
            f"can't convert np.ndarray of type {numpy_dtype}. The supported types are: {supported}."
        ) from None


_default_dtype = float32


def get_default_dtype() -> dtype:
    """Return the type that Python floats become: ``float32`` unless it was changed."""
    return _default_dtype


def set_default_dtype(d: dtype, /) -> None:
    """Make Python floats and new layers ``d``, a floating-point type.

    Raises TypeError for another type.
    """
    global _default_dtype
    if not isinstance(d, dtype):
        raise TypeError("invalid dtype object")
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default_dtype = d


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """Return the smallest type that holds both: NumPy's rule, but int64 with float32 is float32.

    >>> promote_types(int64, float32), promote_types(uint8, int8)
    (torch.float32, torch.int16)
    """
    if type1.is_floating_point != type2.is_floating_point:
        return type1 if type1.is_floating_point else type2
    return _BY_NUMPY[np.promote_types(type1.numpy, type2.numpy)]


def of_scalar(value: builtins.bool | int | float) -> dtype:
    """Return the type of a Python number."""
    if isinstance(value, builtins.bool):
        return bool_
    return int64 if isinstance(value, int) else _default_dtype


def category(d: dtype) -> int:
    """Return the rank of a kind of number: bool < integer < float."""
    return 2 if d.is_floating_point else int(d is not bool_)


def promote_by_rank(with_dims: dtype | None, zero_dim: dtype | None, scalar: dtype | None) -> dtype:
    """Return the type of an operation on tensors, zero-dimensional tensors and Python numbers.

    A lower rank counts only where its category (bool < integer < float) is higher.
    None stands for a rank that does not take part.
    """
    result: dtype | None = None
    for other in (with_dims, zero_dim, scalar):
        if result is None:
            result = other
        elif other is not None and category(other) > category(result):
            result = promote_types(result, other)
    assert result is not None
    return result

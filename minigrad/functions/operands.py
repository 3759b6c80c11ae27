"""What every operation does with its arguments before it computes: types, shapes, axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.dtypes import dtype
from minigrad.tensor import Tensor, wrap

_NUMBERS = (bool, int, float, np.generic)


def binary(function: Callable[[Any, Any], Tensor], a: Any, b: Any) -> Tensor:
    """Apply an operation to a tensor and what stands on its other side; what Python expects."""
    if not (isinstance(a, Tensor) and isinstance(b, Tensor)):
        other = b if isinstance(a, Tensor) else a
        if not isinstance(other, (*_NUMBERS, np.ndarray)):
            return NotImplemented
    return function(a, b)


def as_operand(value: Any, scalar_dtype: dtype) -> Tensor:
    """Make a tensor of what stands beside one: an array shares its memory, a number is cast."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, np.ndarray):
        return from_numpy(value)
    if isinstance(value, _NUMBERS):
        try:
            return wrap(np.asarray(value, dtype=scalar_dtype.numpy))
        except OverflowError:  # of a number too large for the type its lowest bits count, as in C
            return wrap(np.asarray(value).astype(scalar_dtype.numpy))
    raise TypeError(f"expected a Tensor, a number or an array, got {type(value).__name__}")


def from_numpy(ndarray: np.ndarray[Any, Any]) -> Tensor:
    """Make a tensor on the memory of an array: a change of one is a change of both."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtypes.from_numpy_dtype(ndarray.dtype)  # raises for a type that tensors do not have
    tensor = wrap(ndarray.view())
    tensor._is_view = True
    return tensor


def result_type(tensor: Any, other: Any) -> dtype:
    """Return the type of the result of an operation on two tensors, arrays or numbers.

    >>> import minigrad
    >>> result_type(minigrad.tensor([1, 2]), 1.5), result_type(minigrad.tensor([1.0]), 2)
    (torch.float32, torch.float32)
    """
    return common_type(tensor, other)


def common_type(*operands: Any) -> dtype:
    """Return the type of the result of an operation on these tensors, arrays and numbers."""
    ranks: list[dtype | None] = [None, None, None]  # with axes, without, Python numbers
    for value in operands:
        if isinstance(value, Tensor | np.ndarray):
            array = value._array if isinstance(value, Tensor) else value
            rank, kind = int(not array.ndim), dtypes.from_numpy_dtype(array.dtype)
        else:
            number = value.item() if isinstance(value, np.generic) else value
            rank, kind = 2, dtypes.of_scalar(number)
        before = ranks[rank]
        ranks[rank] = kind if before is None else dtypes.promote_types(before, kind)
    return dtypes.promote_by_rank(*ranks)


def same_dtype(*operands: Any, floating: bool = False) -> list[Tensor]:
    """Cast tensors, arrays and numbers to the type of their result: to a float if ``floating``."""
    common = common_type(*operands)
    if floating and not common.is_floating_point:
        common = dtypes.get_default_dtype()
    return [as_operand(value, common).to(common) for value in operands]


def operands(a: Any, b: Any, *, floating: bool = False) -> tuple[Tensor, Tensor]:
    """Return two tensors of one type whose shapes broadcast, or raise RuntimeError."""
    if not (
        isinstance(a, Tensor)
        and isinstance(b, Tensor)
        and a._array.dtype == b._array.dtype
        and (a._array.dtype.kind == "f" or not floating)
    ):
        a, b = same_dtype(a, b, floating=floating)
    if a._array.shape != b._array.shape:
        broadcast_shape(a._array.shape, b._array.shape)
    return a, b


def broadcast_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that two shapes broadcast to, or raise PyTorch's RuntimeError."""
    ndim = max(len(a), len(b))
    result = []
    for axis in range(-ndim, 0):
        m = a[axis] if -axis <= len(a) else 1
        n = b[axis] if -axis <= len(b) else 1
        if m != n and 1 not in (m, n):
            raise RuntimeError(
                f"The size of tensor a ({m}) must match the size of tensor b ({n}) at "
                f"non-singleton dimension {ndim + axis}: their shapes are {list(a)} and {list(b)}"
            )
        result.append(n if m == 1 else m)
    return tuple(result)


def normalize_dim(dim: int, ndim: int) -> int:
    """Return the axis that ``dim`` means, counted from 0, or raise PyTorch's IndexError."""
    room = max(ndim, 1)  # a 0-d tensor takes dim 0 and -1
    if not isinstance(dim, int | np.integer) or isinstance(dim, bool):
        raise TypeError(f"dim must be an int, not {type(dim).__name__}")
    if not -room <= dim < room:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-room}, {room - 1}], "
            f"but got {dim})"
        )
    return int(dim) % room


def normalize_dims(dim: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """Return the axes that ``dim`` means; None and () mean all of them."""
    if dim is None or (isinstance(dim, Sequence) and not len(dim)):
        return tuple(range(ndim))
    dims = (dim,) if isinstance(dim, int | np.integer) else tuple(dim)
    axes = tuple(normalize_dim(d, ndim) for d in dims)
    for axis in axes:
        if axes.count(axis) > 1:
            raise RuntimeError(f"dim {axis} appears multiple times in the list of dims")
    return axes if ndim else ()


def unsupported(name: str, kind: dtype) -> NotImplementedError:
    """Return the error for a type of elements that an operation is not defined for."""
    return NotImplementedError(f"\"{name}\" not implemented for '{dtypes.LEGACY_NAMES[kind]}'")


def sizes(args: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the sizes of ``f(2, 3)`` and of ``f((2, 3))`` alike."""
    if len(args) == 1 and isinstance(args[0], tuple | list):
        args = tuple(args[0])
    for size in args:
        if isinstance(size, bool) or not hasattr(size, "__index__"):
            raise TypeError(f"a size must be an int, not {type(size).__name__}")
    return tuple([int(size) for size in args])

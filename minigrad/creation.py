"""Tensors from data, and tensors of one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.dtypes import dtype as Dtype
from minigrad.functions.operands import from_numpy, sizes
from minigrad.size import Size
from minigrad.tensor import Array, Number, Tensor, wrap


def tensor(
    data: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor with a copy of ``data``: numbers, nested lists of them, an array, a tensor.

    Python floats become the default type, integers int64, bools bool; arrays keep their type.
    Raises ValueError for ragged lists, TypeError for what is no number, RuntimeError for a gradient
    of integers.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    >>> tensor(0.5, requires_grad=True)
    tensor(0.5000, requires_grad=True)
    """
    _on_cpu(device)
    result = wrap(_array(data, dtype).copy())
    if requires_grad and not result.is_floating_point():
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    result._requires_grad = requires_grad
    return result


def as_tensor(data: Any, dtype: Dtype | None = None, device: Any = None) -> Tensor:
    """Return ``data`` as a tensor, without a copy where it is a tensor or an array already."""
    _on_cpu(device)
    if isinstance(data, np.ndarray):
        data = from_numpy(data)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    return tensor(data, dtype=dtype)


def full(
    size: Sequence[int],
    fill_value: Number,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of ``fill_value``, of the type that the number itself would have."""
    _on_cpu(device)
    kind = dtype or dtypes.of_scalar(fill_value)
    shape = sizes((size,))
    for length in shape:
        if length < 0:
            raise RuntimeError(
                f"Trying to create tensor with negative dimension {length}: {list(shape)}"
            )
    return wrap(np.full(shape, fill_value, kind.numpy)).requires_grad_(requires_grad)


def zeros(
    *size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor of zeros, of the default floating-point type unless ``dtype`` is given.

    >>> zeros(2, 3).shape
    torch.Size([2, 3])
    """
    kind = dtype or dtypes.get_default_dtype()
    return full(sizes(size), 0, dtype=kind, device=device, requires_grad=requires_grad)


def ones(
    *size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor of ones, of the default floating-point type unless ``dtype`` is given."""
    kind = dtype or dtypes.get_default_dtype()
    return full(sizes(size), 1, dtype=kind, device=device, requires_grad=requires_grad)


def empty(
    *size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor whose values nobody has chosen yet (here: zeros, so runs repeat)."""
    return zeros(*size, dtype=dtype, device=device, requires_grad=requires_grad)


def zeros_like(
    input: Tensor, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return zeros of the shape and dtype of a tensor."""
    return full_like(input, 0, dtype=dtype, device=device, requires_grad=requires_grad)


def ones_like(
    input: Tensor, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return ones of the shape and dtype of a tensor."""
    return full_like(input, 1, dtype=dtype, device=device, requires_grad=requires_grad)


def empty_like(
    input: Tensor, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return ``empty`` of the shape and dtype of a tensor."""
    return full_like(input, 0, dtype=dtype, device=device, requires_grad=requires_grad)


def full_like(
    input: Tensor,
    fill_value: Number,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ``fill_value`` in the shape and dtype of a tensor."""
    kind = dtype or input.dtype
    return full(input.shape, fill_value, dtype=kind, device=device, requires_grad=requires_grad)


def arange(
    start: Number,
    end: Number | None = None,
    step: Number = 1,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return the numbers from ``start`` (0 unless given) to ``end``, which is left out.

    >>> arange(5)
    tensor([0, 1, 2, 3, 4])
    """
    _on_cpu(device)
    if end is None:
        start, end = 0, start
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(n, int) for n in (start, end, step))
    kind = dtype or (dtypes.int64 if whole else dtypes.get_default_dtype())
    count = int(np.ceil((end - start) / step))
    return wrap((start + step * np.arange(count)).astype(kind.numpy)).requires_grad_(requires_grad)


def legacy_array(args: tuple[Any, ...], dtype: Dtype) -> Array:
    """Return the array of PyTorch's older constructors: of data, or zeros of the given sizes."""
    if len(args) == 1 and not isinstance(args[0], int | Size):
        return _array(args[0], dtype)
    return np.zeros(sizes(args or (0,)), dtype.numpy)


def _array(data: Any, dtype: Dtype | None) -> Array:
    """Return the data as an array of a type that tensors have."""
    if isinstance(data, Tensor):
        array = data._array
    elif isinstance(data, np.ndarray):
        array = data
    else:
        array = _from_lists(data, dtype)
    if dtype is None:
        dtypes.from_numpy_dtype(array.dtype)  # raises for a type that tensors do not have
        return array
    return array.astype(dtype.numpy)


def _from_lists(data: Any, dtype: Dtype | None) -> Array:
    """Return nested lists of numbers as an array; without `dtype` the elements decide its type."""
    try:
        array = np.array(_without_tensors(data))
    except ValueError as error:
        raise ValueError(f"expected sequences of one length at each level: {error}") from None
    if array.dtype.kind not in "bif" and array.dtype != np.uint8:
        what = type(data).__name__
        raise TypeError(f"expected numbers or nested lists of numbers, got {what}: {data!r:.60}")
    if dtype is not None:  # as it is: a float must not pass through a narrower default type
        if dtype.numpy.kind in "iu" and array.dtype.kind in "iu":
            limits = np.iinfo(dtype.numpy)
            low = limits.min or -limits.max  # PyTorch lets a small negative number wrap in a byte
            if ((array < low) | (array > limits.max)).any():
                raise RuntimeError(
                    f"value cannot be converted to type {dtype.name} without overflow"
                )
        return array
    if not array.size:
        return array.astype(dtypes.get_default_dtype().numpy)
    if array.dtype == np.float64 and not _holds_numpy(data):
        return array.astype(dtypes.get_default_dtype().numpy)
    return array


def _without_tensors(data: Any) -> Any:
    if isinstance(data, Tensor):
        return data._array
    return [_without_tensors(d) for d in data] if isinstance(data, list | tuple) else data


def _holds_numpy(data: Any) -> bool:
    """Whether the first number of nested lists is NumPy's: it brings its type along."""
    while isinstance(data, list | tuple):
        data = data[0]
    return isinstance(data, np.generic | np.ndarray | Tensor)


def _on_cpu(device: Any) -> None:
    if device is not None:
        from minigrad.device import device as Device

        Device(device)

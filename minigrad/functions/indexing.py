"""Reading some elements of a tensor, and putting some back: each is the backward of the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.function import Function
from minigrad.functions.operands import normalize_dim
from minigrad.tensor import Array, Tensor, wrap, wrap_view


class GetItem(Function):
    """y = x[index]. What was not read has no influence: its gradient is 0."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, index: Any) -> Tensor:
        ctx.index, ctx.shape = index, x._array.shape
        y = x._array[index]
        return wrap_view(y, x) if np.may_share_memory(y, x._array) else wrap(y)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Any:
        return Scatter.apply(grad_output, ctx.index, ctx.shape), None


class Scatter(Function):
    """y = zeros with x added at the index, where an element that is named twice counts twice."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, index: Any, shape: tuple[int, ...]) -> Tensor:
        ctx.index = index
        y = np.zeros(shape, x._array.dtype)
        if _is_basic(index):
            y[index] = x._array
        else:
            np.add.at(y, index, x._array)
        return wrap(y)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Any:
        return grad_output[ctx.index], None, None


class IndexPut(Function):
    """y = x with y[index] = value: the old elements at the index lose their gradient to value."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, value: Tensor, index: Any) -> Tensor:
        ctx.index = index
        y = x._array.copy()
        assign(y, index, value._array)
        return wrap(y)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Any:
        zero = wrap(np.zeros((), grad_output._array.dtype))
        return IndexPut.apply(grad_output, zero, ctx.index), grad_output[ctx.index], None


class TakeAlongDim(Function):
    """y = the element of x that ``indices`` names along one axis, at every other position."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, indices: Tensor, axis: int) -> Tensor:
        ctx.save_for_backward(indices)
        ctx.axis, ctx.size = axis, x._array.shape[axis]
        return wrap(np.take_along_axis(x._array, indices._array, axis))

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Any:
        (indices,) = ctx.saved_tensors
        return PutAlongDim.apply(grad_output, indices, ctx.axis, ctx.size), None, None


class PutAlongDim(Function):
    """y = zeros with x put where ``indices`` names, one element in each line along the axis."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, indices: Tensor, axis: int, size: int) -> Tensor:
        ctx.save_for_backward(indices)
        ctx.axis = axis
        shape = list(indices._array.shape)
        shape[axis] = size
        y = np.zeros(shape, x._array.dtype)
        np.put_along_axis(y, indices._array, x._array, axis)
        return wrap(y)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Any:
        (indices,) = ctx.saved_tensors
        return TakeAlongDim.apply(grad_output, indices, ctx.axis), None, None, None


def getitem(input: Tensor, index: Any) -> Tensor:
    """Return ``input[index]``: a view for numbers and slices, a copy for tensors, lists, masks.

    Raises IndexError for an index out of range, ValueError for a slice with a step below 1.

    >>> import minigrad
    >>> x = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x[:, 1], x[x > 2]
    (tensor([2., 4.]), tensor([3., 4.]))
    """
    return GetItem.apply(input, array_index(index))


def index_put(input: Tensor, index: Any, value: Tensor) -> Tensor:
    """Return a copy of ``input`` with ``value`` at ``index``."""
    return IndexPut.apply(input, value, array_index(index))


def array_index(index: Any) -> Any:
    """Return the index as NumPy takes it."""
    if isinstance(index, tuple):
        return tuple([_one_index(i) for i in index])
    return _one_index(index)


def assign(array: Array, index: Any, value: Array) -> None:
    """Do ``array[index] = value`` with PyTorch's error where the shapes do not fit."""
    try:
        array[index] = value
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(value.shape)} cannot be broadcast to "
            f"indexing result of shape {list(array[index].shape)}"
        ) from None


def take_along_dim(input: Tensor, indices: Tensor, dim: int) -> Tensor:
    """Return, at every position of ``indices``, the element of ``input`` it names along ``dim``."""
    return TakeAlongDim.apply(input, indices, normalize_dim(dim, input.ndim))


def _one_index(index: Any) -> Any:
    if isinstance(index, Tensor):
        if index.is_floating_point():
            raise IndexError(
                "tensors used as indices must be long, int, byte or bool tensors, not "
                f"{index.dtype}"
            )
        return index._array
    if isinstance(index, slice) and index.step is not None and index.step < 1:
        raise ValueError("step must be greater than zero")
    if isinstance(index, list):
        return np.asarray([_one_index(i) for i in index], dtype=None if index else np.int64)
    return index


def _is_basic(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all([isinstance(i, int | slice | np.integer | type(None) | type(...)) for i in parts])

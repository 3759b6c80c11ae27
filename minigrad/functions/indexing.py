"""Reading some elements of a tensor, and putting some back: each is the backward of the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.functions.operands import normalize_dim
from minigrad.tensor import Array, Tensor


class GetItem(ArrayFunction):
    """y = x[index]. What was not read has no influence: its gradient is 0."""

    returns_view = True

    @staticmethod
    def forward(ctx: Any, x: Array, index: Any) -> Array:
        ctx.index, ctx.shape = index, x.shape
        return x[index]

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return Scatter.apply(grad_output, ctx.index, ctx.shape), None


class Scatter(ArrayFunction):
    """y = zeros with x added at the index, where an element that is named twice counts twice."""

    @staticmethod
    def forward(ctx: Any, x: Array, index: Any, shape: tuple[int, ...]) -> Array:
        ctx.index = index
        y = np.zeros(shape, x.dtype)
        if _is_basic(index):
            y[index] = x
        else:
            np.add.at(y, index, x)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return grad_output[ctx.index], None, None


class IndexPut(ArrayFunction):
    """y = x with y[index] = value: the old elements at the index lose their gradient to value."""

    @staticmethod
    def forward(ctx: Any, x: Array, value: Any, index: Any) -> Array:
        ctx.index = index
        y = x.copy()
        assign(y, index, value)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return IndexPut.apply(grad_output, 0.0, ctx.index), grad_output[ctx.index], None


class TakeAlongDim(ArrayFunction):
    """y = the element of x that ``indices`` names along one axis, at every other position."""

    @staticmethod
    def forward(ctx: Any, x: Array, indices: Array, axis: int) -> Array:
        ctx.save_for_backward(indices)
        ctx.axis, ctx.size = axis, x.shape[axis]
        return np.take_along_axis(x, indices, axis)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (indices,) = ctx.saved_tensors
        return PutAlongDim.apply(grad_output, indices, ctx.axis, ctx.size), None, None


class PutAlongDim(ArrayFunction):
    """y = zeros with x put where ``indices`` names, one element in each line along the axis."""

    @staticmethod
    def forward(ctx: Any, x: Array, indices: Array, axis: int, size: int) -> Array:
        ctx.save_for_backward(indices)
        ctx.axis = axis
        shape = list(indices.shape)
        shape[axis] = size
        y = np.zeros(shape, x.dtype)
        np.put_along_axis(y, indices, x, axis)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
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


def assign(array: Array, index: Any, value: Any) -> None:
    """Do ``array[index] = value`` with PyTorch's error where the shapes do not fit."""
    try:
        array[index] = value
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(np.shape(value))} cannot be broadcast to "
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

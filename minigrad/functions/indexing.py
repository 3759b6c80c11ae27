"""Reading some elements of a tensor, and putting some back: each is the backward of the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.functions.operands import broadcast_shape, normalize_dim
from minigrad.tensor import Array, Tensor

Steps = tuple[tuple[Any, ...], ...]  # indices that NumPy takes, one after the other


class GetItem(ArrayFunction):
    """y = x[index]. What was not read has no influence: its gradient is 0."""

    computes_nothing = returns_view = True

    @staticmethod
    def forward(ctx: Any, x: Array, index: Any) -> Array:
        ctx.index, ctx.shape = index, x.shape
        return x[index]

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        repeats = any([isinstance(part, np.ndarray) for part in ctx.index])
        return Scatter.apply(grad_output, ctx.index, ctx.shape, repeats), None


class Scatter(ArrayFunction):
    """y = zeros with x added at the index.

    An element that is named twice counts twice; without such ``repeats``, writing is faster.
    """

    @staticmethod
    def forward(ctx: Any, x: Array, index: Any, shape: tuple[int, ...], repeats: bool) -> Array:
        ctx.index = index
        y = np.zeros(shape, x.dtype)
        if repeats:
            np.add.at(y, index, x)
        else:
            y[index] = x
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return grad_output[ctx.index], None, None, None


class IndexPut(ArrayFunction):
    """y = x with y[index] = value: the old elements at the index lose their gradient to value."""

    @staticmethod
    def forward(ctx: Any, x: Array, value: Any, steps: Steps) -> Array:
        ctx.steps = steps
        y = np.array(x)
        assign(y, steps, value)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return IndexPut.apply(grad_output, 0.0, ctx.steps), _read(grad_output, ctx.steps), None


class TakeAlongDim(ArrayFunction):
    """y = one element of each line of x along an axis, which ``indices`` names."""

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
    return _read(input, index_steps(index))


def index_put(input: Tensor, index: Any, value: Tensor) -> Tensor:
    """Return a copy of ``input`` with ``value`` at ``index``."""
    return IndexPut.apply(input, value, index_steps(index))


def index_steps(index: Any) -> Steps:
    """Return the index as NumPy takes it, in one step or two.

    PyTorch reads numbers, slices and None first, and what tensors and masks name after that. NumPy
    would count a number beside a tensor among the tensors, and move the axes they make to the
    front; so there the numbers are a step of their own.
    """
    parts = tuple([_one_index(i) for i in (index if isinstance(index, tuple) else (index,))])
    arrays = [isinstance(part, np.ndarray) for part in parts]
    if not any(arrays) or all(arrays):
        return (parts,)
    first: list[Any] = []
    then: list[Any] = []
    for part, is_array in zip(parts, arrays, strict=True):
        if is_array:
            first += [slice(None)] * (part.ndim if part.dtype == bool else 1)
            then.append(part)
        else:
            first.append(part)
            if not isinstance(part, int):  # a number leaves no axis behind
                then.append(part if part is ... else slice(None))
    return tuple(first), tuple(then)


def assign(array: Array, steps: Steps, value: Any) -> None:
    """Do ``array[index] = value`` with PyTorch's error where the shapes do not fit."""
    *first, last = steps
    part = _read(array, tuple(first))  # of numbers and slices: a view
    try:
        part[last] = value
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(np.shape(value))} cannot be broadcast to "
            f"indexing result of shape {list(part[last].shape)}"
        ) from None


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """Return, at every position of ``indices``, the element of ``input`` it names along ``dim``.

    Without ``dim``, of the flattened ``input``. RuntimeError for an index out of range.
    """
    if dim is None:
        return take_along_dim(input.reshape(-1), indices.reshape(-1), 0)
    if indices.dtype is not dtypes.int64:
        raise RuntimeError(
            f"torch.take_along_dim(): dtype of indices should be Long but got {indices.dtype}"
        )
    if indices.ndim != input.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, "
            f"but got {input.ndim} dimensions for input, and {indices.ndim} dimensions for indices"
        )
    axis = normalize_dim(dim, input.ndim)
    size = input._array.shape[axis]
    broadcast_shape(*[(*s[:axis], 1, *s[axis + 1 :]) for s in (input.shape, indices.shape)])
    wrong = (indices._array < 0) | (indices._array >= size)
    if wrong.any():
        raise RuntimeError(
            f"index {indices._array[wrong][0]} is out of bounds for dimension {axis} with size "
            f"{size}"
        )
    index = list(np.ix_(*map(range, input._array.shape)))
    index[axis] = indices._array
    return GetItem.apply(input, tuple(index))  # an element may be named twice: its gradients add up


def _read(x: Any, steps: Steps) -> Any:
    for step in steps:
        x = GetItem.apply(x, step)
    return x


def _one_index(index: Any) -> Any:
    if isinstance(index, list | tuple | range):
        index = np.asarray([_one_index(i) for i in index], dtype=None if index else np.int64)
    if isinstance(index, Tensor):
        index = index._array
    if isinstance(index, np.ndarray | np.generic):
        if index.dtype.kind not in "bui":
            raise IndexError(
                "tensors used as indices must be long, int, byte or bool tensors, not "
                f"{index.dtype}"
            )
        if index.dtype == np.uint8:  # PyTorch's masks of old
            index = index.astype(bool)
        return index if index.ndim or index.dtype == bool else int(index)
    if isinstance(index, slice) and index.step is not None and index.step < 1:
        raise ValueError("step must be greater than zero")
    return np.asarray(index) if isinstance(index, bool) else index

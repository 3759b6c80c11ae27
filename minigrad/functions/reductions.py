"""sum, mean, max, min: many numbers become one, so one gradient goes back to many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.dtypes import dtype as Dtype
from minigrad.function import broadcasts_to
from minigrad.functions.indexing import TakeAlongDim
from minigrad.functions.operands import normalize_dim, normalize_dims, sizes
from minigrad.functions.shapes import Expand
from minigrad.numpy_names import numpy_names
from minigrad.tensor import Array, Tensor, wrap

Dims = int | Sequence[int] | None


class Sum(ArrayFunction):
    """y = sum of x over some axes. Each x counts once, so each gets the gradient of its y."""

    @staticmethod
    def forward(ctx: Any, x: Array, axes: tuple[int, ...], keepdim: bool) -> Array:
        ctx.shape, ctx.axes = x.shape, axes
        return x.sum(axis=axes, keepdims=keepdim)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return _spread(grad_output, ctx.shape, ctx.axes), None, None


class Mean(ArrayFunction):
    """y = mean of n values x. Each moves the mean by 1/n."""

    @staticmethod
    def forward(ctx: Any, x: Array, axes: tuple[int, ...], keepdim: bool) -> Array:
        ctx.shape, ctx.axes = x.shape, axes
        ctx.n = math.prod([ctx.shape[axis] for axis in axes])
        return x.sum(axis=axes, keepdims=keepdim) / x.dtype.type(ctx.n)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return _spread(grad_output / (ctx.n or 1), ctx.shape, ctx.axes), None, None


class Extremum(ArrayFunction):
    """y = the largest (or smallest) x of all. The winners share the gradient equally."""

    @staticmethod
    def forward(ctx: Any, x: Array, largest: bool) -> Array:
        y = x.max() if largest else x.min()
        ctx.save_for_backward(x, y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        x, y = ctx.saved_tensors
        winners = (x == y) | ((x != x) & (y != y))  # a NaN wins
        return winners * (grad_output / winners.sum()), None


class MaxMin(NamedTuple):
    """What ``max`` and ``min`` along an axis return."""

    values: Tensor
    indices: Tensor


@numpy_names
def sum(
    input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Dtype | None = None
) -> Tensor:
    """Return the sum of all elements, or along ``dim``. Bools and integers sum to int64.

    >>> import minigrad
    >>> sum(minigrad.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    tensor([4., 6.])
    """
    if dtype is None and not input.is_floating_point():
        dtype = dtypes.int64
    x = input if dtype is None else input.to(dtype)
    return Sum.apply(x, normalize_dims(dim, x.ndim), keepdim)


@numpy_names
def mean(
    input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Dtype | None = None
) -> Tensor:
    """Return the mean of all elements, or along ``dim``: NaN of none. RuntimeError for integers."""
    x = input if dtype is None else input.to(dtype)
    if not x.is_floating_point():
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or "
            f"complex dtype. Got: {dtypes.LEGACY_NAMES[x.dtype]}"
        )
    return Mean.apply(x, normalize_dims(dim, x.ndim), keepdim)


@numpy_names
def max(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the largest element, or ``(values, indices)`` along ``dim``. NaN is the largest.

    >>> import minigrad
    >>> max(minigrad.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1).values
    tensor([5., 7.])
    """
    return _extremum("max", input, dim, keepdim)


@numpy_names
def min(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the smallest element, or ``(values, indices)`` along ``dim``. NaN is the smallest."""
    return _extremum("min", input, dim, keepdim)


@numpy_names
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the position of the first largest element, in the flattened tensor or along ``dim``.

    >>> import minigrad
    >>> argmax(minigrad.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1)
    tensor([1, 0])
    """
    return _argextremum("argmax", input, dim, keepdim)


@numpy_names
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the position of the first smallest element, flat or along ``dim``."""
    return _argextremum("argmin", input, dim, keepdim)


@numpy_names
def all(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return whether every element is true (not zero)."""
    return _truth(input, input._array.all(normalize_dims(dim, input.ndim), keepdims=keepdim))


@numpy_names
def any(input: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
    """Return whether some element is true (not zero)."""
    return _truth(input, input._array.any(normalize_dims(dim, input.ndim), keepdims=keepdim))


def sum_to_size(input: Tensor, *size: Any) -> Tensor:
    """Return the sum over the axes along which ``size`` would be broadcast to the tensor's shape.

    This is what undoes a broadcast: a value that was used k times gets k gradients, added up.
    """
    shape = sizes(size)
    if not broadcasts_to(shape, input.shape):
        raise RuntimeError(f"size {list(shape)} is not expandable to size {list(input.shape)}.")
    return unbroadcast(input, shape)


def unbroadcast(grad: Any, shape: tuple[int, ...]) -> Any:
    """Sum a tensor or an array over the axes along which ``shape`` was broadcast."""
    extra = grad.ndim - len(shape)
    stretched = [
        axis for axis in range(extra, grad.ndim) if shape[axis - extra] == 1 != grad.shape[axis]
    ]
    if extra or stretched:
        grad = Sum.apply(grad, (*range(extra), *stretched), True)
    return grad.reshape(shape)


def _spread(grad: Any, shape: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """Give every element that was summed over ``axes`` the gradient of its sum."""
    kept = tuple([1 if axis in axes else size for axis, size in enumerate(shape)])
    return Expand.apply(grad.reshape(kept), shape)


def _truth(input: Tensor, answer: Any) -> Tensor:
    """Bools; but of bytes, which were PyTorch's bools of old, bytes."""
    return wrap(answer.astype(np.uint8) if input.dtype is dtypes.uint8 else answer)


def _argextremum(name: str, x: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    if x.dtype is dtypes.bool_:
        raise RuntimeError(f"{name}(): does not support bool input")
    search = getattr(np, name)
    if dim is None:
        if not x.numel():
            raise IndexError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0."
            )
        position = search(x._array)
        return wrap(np.reshape(position, (1,) * x.ndim) if keepdim else position)
    axis = normalize_dim(dim, x.ndim)
    if not x.ndim:
        return wrap(np.int64(0))
    _check_not_empty(name, x, axis)
    return wrap(search(x._array, axis=axis, keepdims=keepdim))


def _extremum(name: str, x: Tensor, dim: int | None, keepdim: bool) -> Any:
    if dim is None:
        if not x.numel():
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
                "Specify the reduction dim with the 'dim' argument."
            )
        return Extremum.apply(x, name == "max")
    axis = normalize_dim(dim, x.ndim)
    if not x.ndim:
        return MaxMin(x.clone(), wrap(np.int64(0)))
    _check_not_empty(name, x, axis)
    indices = wrap(getattr(np, f"arg{name}")(x._array, axis=axis, keepdims=True))
    values = TakeAlongDim.apply(x, indices, axis)
    if keepdim:
        return MaxMin(values, indices)
    return MaxMin(values.squeeze(axis), indices.squeeze(axis))


def _check_not_empty(name: str, x: Tensor, axis: int) -> None:
    if not x._array.shape[axis]:
        raise IndexError(f"{name}(): Expected reduction dim {axis} to have non-zero size.")

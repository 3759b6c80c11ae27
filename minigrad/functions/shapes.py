"""The same numbers in another shape. None of them changes, so gradients only change shape back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.dtypes import dtype
from minigrad.functions.casting import clone
from minigrad.functions.operands import normalize_dim, normalize_dims, same_dtype, sizes
from minigrad.tensor import Array, Tensor


class View(ArrayFunction):
    """y = the memory of x in another shape."""

    computes_nothing = returns_view = True

    @staticmethod
    def forward(ctx: Any, x: Array, shape: tuple[int, ...]) -> Array:
        ctx.shape = x.shape
        return x.reshape(shape, copy=False)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return grad_output.reshape(ctx.shape), None


class Permute(ArrayFunction):
    """y = x with axis dims[k] in place k; the inverse permutation takes the gradient back."""

    computes_nothing = returns_view = True

    @staticmethod
    def forward(ctx: Any, x: Array, dims: tuple[int, ...]) -> Array:
        ctx.dims = dims
        return x.transpose(dims)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        inverse = [0] * len(ctx.dims)
        for place, axis in enumerate(ctx.dims):
            inverse[axis] = place
        return Permute.apply(grad_output, tuple(inverse)), None


class Expand(ArrayFunction):
    """y = x repeated along axes of size 1: a broadcast, whose gradients the engine sums."""

    computes_nothing = returns_view = True

    @staticmethod
    def forward(ctx: Any, x: Array, shape: tuple[int, ...]) -> Array:
        return np.broadcast_to(x, shape)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return grad_output, None


class Cat(ArrayFunction):
    """y = tensors one after the other along an axis; each gets its own part of the gradient."""

    @staticmethod
    def forward(ctx: Any, *tensors: Any) -> Array:
        *arrays, axis = tensors  # the axis comes last
        ctx.axis, ctx.lengths = axis, [a.shape[axis] for a in arrays]
        return np.concatenate(arrays, axis)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        before = (slice(None),) * ctx.axis
        ends = np.cumsum(ctx.lengths).tolist()
        parts = [
            grad_output[(*before, slice(end - length, end))]
            for end, length in zip(ends, ctx.lengths, strict=True)
        ]
        return *parts, None


def view(input: Tensor, *shape: Any) -> Tensor:
    """Return the same memory in another shape, of which one size may be -1.

    Raises RuntimeError where the number of elements differs, and where the strides of a transposed
    or sliced tensor would need a copy (``reshape`` makes one).

    >>> import minigrad
    >>> view(minigrad.arange(6), 2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    if len(shape) == 1 and isinstance(shape[0], dtype):
        raise NotImplementedError("minigrad's view takes a shape, not a dtype")
    new = _infer(shape, input.numel())
    try:
        return View.apply(input, new)
    except ValueError:
        if input._is_view:
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at least one "
                "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
            ) from None
    # A result of our own, laid out channels-last because that is fast: lay it out anew.
    input._array = np.ascontiguousarray(input._array)
    return View.apply(input, new)


def reshape(input: Tensor, shape: Sequence[int]) -> Tensor:
    """Return the elements in another shape: a view where the strides allow it, else a copy."""
    new = _infer(tuple(shape), input.numel())
    if new == input._array.shape:
        return input
    try:
        return View.apply(input, new)
    except ValueError:
        return View.apply(clone(input), new)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Return the tensor with the axes from ``start_dim`` to ``end_dim`` made one.

    >>> import minigrad
    >>> flatten(minigrad.zeros(64, 3, 8, 8), 1).shape
    torch.Size([64, 192])
    """
    shape = input._array.shape
    start, end = normalize_dim(start_dim, len(shape)), normalize_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    return reshape(input, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Return the tensor with axis ``dim`` split into ``sizes``, of which one may be -1."""
    axis = normalize_dim(dim, input.ndim)
    shape = input._array.shape
    try:
        split = _infer(tuple(sizes), shape[axis])
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {axis} "
            f"({shape[axis]}) in the input tensor"
        ) from None
    return reshape(input, (*shape[:axis], *split, *shape[axis + 1 :]))


def permute(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Return a view with the axes in the order ``dims``."""
    axes = tuple(normalize_dim(d, input.ndim) for d in sizes(tuple(dims)))
    if len(axes) != input.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the "
            f"length of the desired ordering of dimensions i.e. input.dim() = {input.ndim} is not "
            f"equal to len(dims) = {len(axes)}"
        )
    if len(set(axes)) != len(axes):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return Permute.apply(input, axes)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Return a view with two axes exchanged."""
    a, b = normalize_dim(dim0, input.ndim), normalize_dim(dim1, input.ndim)
    order = list(range(input.ndim))
    if order:
        order[a], order[b] = b, a
    return Permute.apply(input, tuple(order))


def t(input: Tensor) -> Tensor:
    """Return the transpose of a tensor with at most two axes."""
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return Permute.apply(input, tuple(reversed(range(input.ndim))))


def squeeze(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """Return the tensor without its axes of size 1, or without those of ``dim`` among them."""
    axes = normalize_dims(dim, input.ndim)
    shape = input._array.shape
    return reshape(input, tuple([n for axis, n in enumerate(shape) if axis not in axes or n != 1]))


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Return the tensor with an axis of size 1 put in at ``dim``."""
    axis = normalize_dim(dim, input.ndim + 1)
    shape = input._array.shape
    return reshape(input, (*shape[:axis], 1, *shape[axis:]))


def expand(input: Tensor, *sizes_: Any) -> Tensor:
    """Return a view with axes of size 1 repeated to the given sizes; -1 keeps a size."""
    new, old = sizes(sizes_), input._array.shape
    if len(new) < len(old):
        raise RuntimeError(
            f"the number of sizes provided ({len(new)}) must be greater or equal to the number of "
            f"dimensions in the tensor ({len(old)})"
        )
    padded = (1,) * (len(new) - len(old)) + old
    result = tuple([n if m == -1 else m for m, n in zip(new, padded, strict=True)])
    for axis, (m, n) in enumerate(zip(result, padded, strict=True)):
        if n not in (1, m):
            raise RuntimeError(
                f"The expanded size of the tensor ({m}) must match the existing size ({n}) at "
                f"non-singleton dimension {axis}. Target sizes: {list(new)}. "
                f"Tensor sizes: {list(old)}"
            )
    return Expand.apply(input, result)


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return the tensors one after the other along axis ``dim``; their other sizes must be equal.

    >>> import minigrad
    >>> cat([minigrad.ones(2), minigrad.zeros(1)])
    tensor([1., 1., 0.])
    """
    if not tensors:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    cast = same_dtype(*tensors)
    axis = normalize_dim(dim, cast[0].ndim)
    for position, tensor in enumerate(cast):
        if not tensor.ndim:
            raise RuntimeError(
                f"zero-dimensional tensor (at position {position}) cannot be concatenated"
            )
        rest = [n for k, n in enumerate(tensor._array.shape) if k != axis]
        if rest != [n for k, n in enumerate(cast[0]._array.shape) if k != axis]:
            raise RuntimeError(
                "Sizes of tensors must match except in dimension "
                f"{axis}. Expected {list(cast[0].shape)} but got {list(tensor.shape)} for tensor "
                f"number {position} in the list."
            )
    return Cat.apply(*cast, axis)


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors of one shape side by side along a new axis ``dim``."""
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    for position, tensor in enumerate(tensors):
        if tensor._array.shape != tensors[0]._array.shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at "
                f"entry 0 and {list(tensor.shape)} at entry {position}"
            )
    return cat([unsqueeze(tensor, dim) for tensor in tensors], dim)


def _infer(args: tuple[Any, ...], numel: int) -> tuple[int, ...]:
    """Return the sizes with -1 worked out, or raise PyTorch's RuntimeError."""
    shape = sizes(args)
    if any(n < -1 for n in shape):
        raise RuntimeError(f"invalid shape dimension {min(shape)}")
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    known = math.prod([n for n in shape if n != -1])
    if -1 in shape:
        if known == 0 and numel == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {list(shape)} because the "
                "unspecified dimension size -1 can be any value and is ambiguous"
            )
        if known and numel % known == 0:
            return tuple([numel // known if n == -1 else n for n in shape])
    elif known == numel:
        return shape
    raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {numel}")

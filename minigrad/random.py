"""Tensors of random numbers, and the stream that they are drawn from: see ``generator.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.creation import empty
from minigrad.dtypes import dtype as Dtype
from minigrad.functions.operands import unsupported
from minigrad.generator import Generator as Generator
from minigrad.tensor import Array, Tensor
from minigrad.vector_math import fused_multiply_add

default_generator = Generator()
default_generator.seed()  # as in PyTorch, a program that sets no seed never runs twice the same


def manual_seed(seed: int) -> Generator:
    """Start the default stream at ``seed`` and return it.

    >>> _ = manual_seed(0)
    >>> rand(2)
    tensor([0.4963, 0.7682])
    """
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start the default stream at a seed that nobody can foretell, and return it."""
    return default_generator.seed()


def initial_seed() -> int:
    """Return the seed that the default stream started at."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Return where the default stream is, as bytes: see ``Generator.get_state``."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Go to where the default stream was: see ``Generator.set_state``.

    >>> here = get_rng_state()
    >>> drawn = rand(2)
    >>> set_rng_state(here)
    >>> rand(2).tolist() == drawn.tolist()
    True
    """
    default_generator.set_state(new_state)


def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return numbers drawn uniformly from 0 to 1, 1 excluded."""
    result = empty(*size, dtype=dtype, device=device)
    return uniform_(result, generator=generator).requires_grad_(requires_grad)


def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ``rand`` of the shape, dtype and memory layout of a tensor."""
    result = _empty_like(input, dtype, device)
    return uniform_(result, generator=generator).requires_grad_(requires_grad)


def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return numbers drawn from the normal distribution of mean 0 and standard deviation 1.

    >>> randn(2, generator=Generator().manual_seed(0))
    tensor([ 1.5410, -0.2934])
    """
    result = empty(*size, dtype=dtype, device=device)
    return normal_(result, generator=generator).requires_grad_(requires_grad)


def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return ``randn`` of the shape, dtype and memory layout of a tensor."""
    result = _empty_like(input, dtype, device)
    return normal_(result, generator=generator).requires_grad_(requires_grad)


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill a tensor in place with numbers drawn uniformly from ``a`` to ``b``, and return it.

    Raises RuntimeError unless a <= b and both are finite.

    >>> import minigrad
    >>> uniform_(minigrad.empty(2), -1, 1, Generator().manual_seed(0))
    tensor([-0.0075,  0.5364])
    """
    kind = tensor._array.dtype
    u = (generator or default_generator)._uniform(tensor.numel(), kind)
    largest = float(np.finfo(kind).max)
    for name, bound in (("from", a), ("to", b)):
        if not abs(bound) <= largest:
            raise RuntimeError(f"{name} is out of bounds for {kind}: got {bound}")
    if a > b:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={a} > to={b}"
        )
    if b - a > largest:
        raise RuntimeError(
            f"uniform_ expects to-from <= {largest:g}, the largest {kind}, but found to={b} and "
            f"from={a}"
        )
    low, high = kind.type(a), kind.type(b)
    numbers = fused_multiply_add(u, high - low, low)
    numbers[numbers == high] = low  # what rounds up to b, which is excluded, becomes a in PyTorch
    return _fill(tensor, numbers)


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill a tensor in place with normally distributed numbers, and return it.

    Raises RuntimeError for a negative ``std``.

    >>> import minigrad
    >>> normal_(minigrad.empty(2), mean=10.0, generator=Generator().manual_seed(0))
    tensor([11.5410,  9.7066])
    """
    if not std >= 0.0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    array, stream = tensor._array, generator or default_generator
    return _fill(tensor, stream._normal(array.size, array.dtype, mean, std, tensor.is_contiguous()))


def _empty_like(input: Tensor, dtype: Dtype | None, device: Any) -> Tensor:
    """Return a tensor to be filled, whose axes lie in memory in the order of the input's."""
    result = empty(input.shape, dtype=dtype or input.dtype, device=device)
    if not input.is_contiguous() and 0 not in input._array.strides:
        result._array = np.zeros_like(input._array, result._array.dtype)
        result._is_view = True
    return result


def _fill(tensor: Tensor, numbers: Array) -> Tensor:
    """Lay numbers, drawn one after the other, into a tensor as PyTorch does: as memory lies."""
    array = tensor._array
    axes = list(range(array.ndim))
    if not tensor.is_contiguous():
        axes.sort(key=lambda axis: -array.strides[axis])
    reordered = numbers.reshape([array.shape[axis] for axis in axes])
    np.copyto(array, reordered.transpose(np.argsort(axes)))
    tensor._count_change()
    return tensor


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return the integers from 0 to n - 1 in random order: int64 unless ``dtype``, (n,).

    The shuffle of Fisher and Yates: each place draws from those that are left.

    >>> randperm(5, generator=Generator().manual_seed(0))
    tensor([4, 0, 1, 3, 2])
    """
    result = empty(n, dtype=dtype or dtypes.int64, device=device)
    kind = result._array.dtype
    if kind.kind == "b":
        raise unsupported("randperm", result.dtype)
    if kind.kind in "iu" and n - 1 > np.iinfo(kind).max:
        raise RuntimeError(f"value cannot be converted to type {kind} without overflow: {n - 1}")
    order = list(range(n))
    left = np.arange(n, 1, -1, dtype=np.uint64)
    raw = (generator or default_generator)._random_raw(len(left))
    others = raw % left + np.arange(len(left), dtype=np.uint64)
    for place, other in enumerate(others.tolist()):
        order[place], order[other] = order[other], order[place]
    result._array[:] = order
    return result.requires_grad_(requires_grad)


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return integers drawn from ``low`` (0 unless given) to ``high`` - 1: int64 unless ``dtype``.

    As in PyTorch, a range below 2**28 takes one output of the generator for each, a larger one two.
    """
    if size is None:  # randint(high, size)
        low, high, size = 0, low, high
    assert high is not None
    if high <= low:
        raise RuntimeError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )
    result = empty(size, dtype=dtype or dtypes.int64, device=device)
    kind = result._array.dtype
    if kind.kind in "iu":
        for name, number in (("from", low), ("to - 1", high - 1)):
            if not np.iinfo(kind).min <= number <= np.iinfo(kind).max:
                raise RuntimeError(f"{name} is out of bounds for {kind}")
    stream = generator or default_generator
    draw = stream._random_raw if high - low < 2**28 else stream._random_raw64
    numbers = (draw(result.numel()) % np.uint64(high - low)).astype(np.int64) + low
    result._array[...] = numbers.reshape(result._array.shape)
    return result.requires_grad_(requires_grad)

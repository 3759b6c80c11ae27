"""PyTorch's own stream of random numbers, in NumPy.

PyTorch's CPU generator is the Mersenne Twister MT19937, seeded as its authors seed it; NumPy has
the same generator. What remains is how PyTorch turns 32-bit outputs into numbers, so that one seed
gives the same weights and the same shuffles here and there, bit for bit
(aten/src/ATen/core/DistributionsHelper.h, aten/src/ATen/native/TensorFactories.cpp,
aten/src/ATen/native/cpu/DistributionTemplates.h).
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.creation import empty
from minigrad.dtypes import dtype as Dtype
from minigrad.functions.operands import unsupported
from minigrad.tensor import Array, Tensor
from minigrad.vector_math import cos_sin, fused_multiply_add, log


class Generator:
    """A stream of random numbers of its own, as ``torch.Generator``.

    >>> g = Generator().manual_seed(0)
    >>> rand(2, generator=g)
    tensor([0.4963, 0.7682])
    """

    def __init__(self, device: Any = "cpu") -> None:
        from minigrad.device import device as Device

        self.device = Device(device)
        self._seed = 67280421310721  # PyTorch's default_rng_seed_val
        self._bits: Any = None  # NumPy's generators are loaded when the first number is drawn
        self._next_normal: float | None = None  # normal numbers are made in pairs

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream at ``seed``, an integer; the same seed gives the same numbers."""
        if not -(2**63) <= int(seed) < 2**64:
            raise ValueError(f"a seed must be from -2**63 to 2**64 - 1, got {seed}")
        self._seed = int(seed) % 2**64
        self._bits = self._next_normal = None
        return self

    def seed(self) -> int:
        """Start the stream at a seed that nobody can foretell, and return it."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))
        return self._seed

    def initial_seed(self) -> int:
        """Return the seed that the stream started at."""
        return self._seed

    def _random_raw(self, n: int) -> Array:
        """Return the next ``n`` outputs of the generator: uint64 (n,), each below 2**32."""
        if self._bits is None:
            self._bits = np.random.MT19937()
            self._bits._legacy_seeding(self._seed & 0xFFFFFFFF)
        raw: Array = self._bits.random_raw(n)
        return raw

    def _random_raw64(self, n: int) -> Array:
        """Return ``n`` numbers below 2**64, uint64 (n,): two outputs each, the high half first."""
        high, low = self._random_raw(2 * n).reshape(n, 2).T
        numbers: Array = high << np.uint64(32) | low
        return numbers

    def _random_int64(self) -> int:
        """Return an integer from 0 to 2**63 - 1, as ``tensor.random_()`` draws an int64."""
        return int(self._random_raw64(1)[0]) % 2**63

    def _uniform(self, n: int, dtype: np.dtype[Any]) -> Array:
        """Return ``n`` numbers from 0 to 1, 1 excluded, of a floating-point type.

        A float32 has 24 bits of precision and takes them from one output; a float64 has 53 and
        takes them from two.
        """
        if dtype.kind != "f":
            raise unsupported("check_uniform_bounds", dtypes.from_numpy_dtype(dtype))
        if dtype == np.float32:
            return (self._random_raw(n) & (2**24 - 1)).astype(np.float32) * np.float32(2**-24)
        return (self._random_raw64(n) & np.uint64(2**53 - 1)) * 2.0**-53

    def _normal(
        self,
        n: int,
        dtype: np.dtype[Any],
        mean: float = 0.0,
        std: float = 1.0,
        contiguous: bool = True,
    ) -> Array:
        """Return ``n`` normally distributed numbers of a floating-point type.

        By the transform of Box and Muller (Annals of Mathematical Statistics 29, 1958): if u and v
        are uniform from 0 to 1, r cos(t) and r sin(t) are normal and independent, where
        r = sqrt(-2 log u) and t = 2 pi v. PyTorch transforms 16 or more numbers in blocks, fewer
        one pair at a time and in float64, and so it does whatever is to fill no contiguous memory.
        """
        if dtype.kind != "f":
            raise unsupported("normal_kernel_cpu", dtypes.from_numpy_dtype(dtype))
        if n < 16 or not contiguous:
            numbers = np.array([self._one_normal() for _ in range(n)])
            return fused_multiply_add(numbers, std, mean).astype(dtype)
        uniform = self._uniform(n, dtype)
        numbers = np.empty_like(uniform)
        whole = n // 16 * 16
        numbers[:whole] = _box_muller(uniform[:whole])
        if whole < n:  # the last block begins earlier, and anew
            numbers[-16:] = _box_muller(self._uniform(16, dtype))
        return fused_multiply_add(numbers, dtype.type(std), dtype.type(mean))

    def _one_normal(self) -> float:
        """Return one of a pair of normal numbers, and keep the other for the next call."""
        number = self._next_normal
        if number is not None:
            self._next_normal = None
            return number
        v, u = self._uniform(2, np.dtype(np.float64)).tolist()
        radius, angle = math.sqrt(-2 * math.log1p(-u)), 2 * math.pi * v
        self._next_normal = radius * math.sin(angle)
        return radius * math.cos(angle)


def _box_muller(uniform: Array) -> Array:
    """Make normal numbers of uniform ones, (16 k,): in each block, u and v are 8 numbers each."""
    kind = uniform.dtype.type
    u, v = uniform.reshape(-1, 2, 8).transpose(1, 0, 2)  # each (k, 8)
    radius = np.sqrt(kind(-2) * log(kind(1) - u))  # not of 0, which u may be
    cosine, sine = cos_sin(kind(2 * math.pi) * v)
    return np.stack([radius * cosine, radius * sine], axis=1).reshape(-1)


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
    left = range(n, 1, -1)
    raw = (generator or default_generator)._random_raw(max(n - 1, 0))
    draws = raw % np.asarray(left, dtype=np.uint64)
    for place, other in enumerate((draws + np.arange(len(draws), dtype=np.uint64)).tolist()):
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

"""PyTorch's own stream of random numbers, in NumPy.

PyTorch's CPU generator is the Mersenne Twister MT19937, seeded as its authors seed it; NumPy has
the same generator. What remains is how PyTorch turns 32-bit outputs into numbers, so that one seed
gives the same weights and the same shuffles here and there, bit for bit
(aten/src/ATen/core/DistributionsHelper.h, aten/src/ATen/native/TensorFactories.cpp).
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.dtypes import dtype as Dtype
from minigrad.functions.operands import sizes
from minigrad.tensor import Array, Tensor, wrap


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

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream at ``seed``, an integer; the same seed gives the same numbers."""
        if not -(2**63) <= int(seed) < 2**64:
            raise ValueError(f"a seed must be from -2**63 to 2**64 - 1, got {seed}")
        self._seed = int(seed) % 2**64
        self._bits = None
        return self

    def seed(self) -> int:
        """Start the stream at a seed that nobody can foretell, and return it."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))
        return self._seed

    def initial_seed(self) -> int:
        """Return the seed that the stream started at."""
        return self._seed

    def random_raw(self, n: int) -> Array:
        """Return the next ``n`` outputs of the generator: uint64 (n,), each below 2**32."""
        if self._bits is None:
            self._bits = np.random.MT19937()
            self._bits._legacy_seeding(self._seed & 0xFFFFFFFF)
        raw: Array = self._bits.random_raw(n)
        return raw

    def random_raw64(self, n: int) -> Array:
        """Return ``n`` numbers below 2**64, uint64 (n,): two outputs each, the high half first."""
        high, low = self.random_raw(2 * n).reshape(n, 2).T
        numbers: Array = high << np.uint64(32) | low
        return numbers

    def random_int64(self) -> int:
        """Return an integer from 0 to 2**63 - 1, as ``tensor.random_()`` draws an int64."""
        return int(self.random_raw64(1)[0]) % 2**63

    def uniform(self, n: int, dtype: np.dtype[Any]) -> Array:
        """Return ``n`` numbers from 0 to 1, 1 excluded, of a floating-point type.

        A float32 has 24 bits of precision and takes them from one output; a float64 has 53 and
        takes them from two.
        """
        if dtype == np.float32:
            return (self.random_raw(n) & (2**24 - 1)).astype(np.float32) * np.float32(2**-24)
        return (self.random_raw64(n) & np.uint64(2**53 - 1)) * 2.0**-53


def in_memory_order(numbers: Array, like: Array) -> Array:
    """Return numbers, drawn one after the other, as PyTorch lays them into an array: by strides."""
    axes = sorted(range(like.ndim), key=lambda axis: -like.strides[axis])
    reordered = numbers.reshape([like.shape[axis] for axis in axes])
    return reordered.transpose(np.argsort(axes))


def fused_multiply_add(a: Array, b: float, c: float) -> Array:
    """Return a * b + c with one rounding, as a processor's FMA instruction gives it.

    PyTorch scales its uniform numbers so. A float32 product is exact in float64; what a float64
    product rounds away is found by Dekker's splitting (Numerische Mathematik 18, 1971), what the
    sum rounds away by Knuth's two-sum. (Not where products are subnormal, below 1e-290.)
    """
    if a.dtype == np.float32:
        return np.asarray(a.astype(np.float64) * b + c, dtype=np.float32)
    product, (a_high, a_low), (b_high, b_low) = a * b, _split(a), _split(np.float64(b))
    lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    total = product + c
    part = total - product
    lost += (product - (total - part)) + (c - part)
    return np.asarray(total + lost)


def _split(x: Any) -> tuple[Any, Any]:
    """Return two halves of 26 bits each whose sum is x: their products are exact."""
    shifted = (2.0**27 + 1) * x
    high = shifted - (shifted - x)
    return high, x - high


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
    requires_grad: bool = False,
) -> Tensor:
    """Return numbers drawn uniformly from 0 to 1, 1 excluded."""
    shape = sizes(size)
    kind = (dtype or dtypes.get_default_dtype()).numpy
    if kind.kind != "f":
        raise NotImplementedError(f"rand draws floating-point numbers, not {dtype}")
    numbers = (generator or default_generator).uniform(int(np.prod(shape)), kind)
    return wrap(numbers.reshape(shape)).requires_grad_(requires_grad)


def rand_like(input: Tensor, *, dtype: Dtype | None = None, requires_grad: bool = False) -> Tensor:
    """Return ``rand`` of the shape and dtype of a tensor."""
    result = rand(input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)
    if not input.is_contiguous():
        result._array = in_memory_order(result._array, input._array)
    return result


def randperm(n: int, *, generator: Generator | None = None) -> Tensor:
    """Return the integers from 0 to n - 1 in random order: int64 (n,).

    The shuffle of Fisher and Yates: each place draws from those that are left.

    >>> randperm(5, generator=Generator().manual_seed(0))
    tensor([4, 0, 1, 3, 2])
    """
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    order = list(range(n))
    left = range(n, 1, -1)
    raw = (generator or default_generator).random_raw(max(n - 1, 0))
    draws = raw % np.asarray(left, dtype=np.uint64)
    for place, other in enumerate((draws + np.arange(len(draws), dtype=np.uint64)).tolist()):
        order[place], order[other] = order[other], order[place]
    return wrap(np.array(order, dtype=np.int64))


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
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
    kind = (dtype or dtypes.int64).numpy
    if kind.kind in "iu":
        for name, number in (("from", low), ("to - 1", high - 1)):
            if not np.iinfo(kind).min <= number <= np.iinfo(kind).max:
                raise RuntimeError(f"{name} is out of bounds for {kind}")
    shape, stream = sizes((size,)), generator or default_generator
    draw = stream.random_raw if high - low < 2**28 else stream.random_raw64
    numbers = (draw(math.prod(shape)) % np.uint64(high - low)).astype(np.int64) + low
    return wrap(numbers.astype(kind).reshape(shape))

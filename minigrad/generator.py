"""PyTorch's own stream of random numbers, in NumPy.

PyTorch's CPU generator is the Mersenne Twister MT19937, seeded as its authors seed it; NumPy has
the same generator. What remains is how PyTorch turns 32-bit outputs into numbers, so that one seed
gives the same weights and the same shuffles here and there, bit for bit
(aten/src/ATen/core/DistributionsHelper.h, aten/src/ATen/native/cpu/DistributionTemplates.h).
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from minigrad import dtypes, generator_state
from minigrad.functions.operands import from_numpy, unsupported
from minigrad.tensor import Array, Tensor
from minigrad.vector_math import cos_sin, fused_multiply_add, log


class Generator:
    """A stream of random numbers of its own, as ``torch.Generator``.

    >>> import minigrad
    >>> g = Generator().manual_seed(0)
    >>> minigrad.rand(2, generator=g)
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

    def get_state(self) -> Tensor:
        """Return where the stream is, as bytes: uint8 (5056,), laid out as PyTorch's.

        >>> import minigrad
        >>> g = Generator().manual_seed(0)
        >>> here = g.get_state()
        >>> minigrad.rand(2, generator=g)
        tensor([0.4963, 0.7682])
        >>> minigrad.rand(2, generator=g.set_state(here))
        tensor([0.4963, 0.7682])
        """
        content = generator_state.packed(self._seed, self._bits, self._next_normal)
        return from_numpy(np.frombuffer(content, np.uint8).copy())

    def set_state(self, new_state: Tensor) -> Generator:
        """Go to where a stream was, minigrad's or PyTorch's, when its state was taken.

        TypeError for what is no uint8 tensor; RuntimeError for bytes that are no state.
        """
        if not isinstance(new_state, Tensor):
            raise TypeError(f"expected a torch.ByteTensor, but got {type(new_state).__name__}")
        if new_state.dtype is not dtypes.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        content = new_state.detach()._array.tobytes()
        self._seed, self._bits, self._next_normal = generator_state.unpacked(content)
        return self

    def _random_raw(self, n: int) -> Array:
        """Return the next ``n`` outputs of the generator: uint64 (n,), each below 2**32."""
        if self._bits is None:
            self._bits = generator_state.seeded(self._seed)
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

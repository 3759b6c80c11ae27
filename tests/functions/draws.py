"""Where shapes and numbers come from. Hypothesis draws the structure and a seed for the numbers."""

import functools
import math
from collections.abc import Callable
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
seeds = st.integers(0, 2**32 - 1)


class Numbers:
    """A source of arrays.

    distinct   well separated and away from 0, so that no kink is within a step of differences
    normal     as they come
    ties       0, -0.0, 1, -1, 2, -2: equal values, and every kink, are certain
    """

    def __init__(self, kind: str, seed: int) -> None:
        self.distinct = kind == "distinct"
        self._kind, self._rng = kind, np.random.default_rng(seed)

    def __call__(self, shape: tuple[int, ...]) -> np.ndarray:
        n = math.prod(shape)
        if self._kind == "distinct":  # ..., -1.5, -0.5, 0.5, 1.5, ... scaled to within 2
            values = self._rng.permutation(np.arange(n) - n // 2 + 0.5) * 4 / max(n, 4)
        elif self._kind == "normal":
            values = self._rng.standard_normal(n)
        else:
            values = self._rng.integers(0, 3, n) * self._rng.choice([-1.0, 1.0], n)
        return values.reshape(shape)

    def positive(self, shape: tuple[int, ...]) -> np.ndarray:
        return np.asarray(np.abs(self(shape)))

    def uniform(self, low: float, high: float, shape: tuple[int, ...]) -> np.ndarray:
        return self._rng.uniform(low, high, shape)

    def integers(self, low: int, high: int, shape: tuple[int, ...]) -> np.ndarray:
        """From ``low`` up to and without ``high``; none where there are none."""
        return self._rng.integers(low, high, shape) if high > low else np.zeros(shape, np.int64)

    def mask(self, shape: tuple[int, ...]) -> np.ndarray:
        return self._rng.integers(0, 2, shape).astype(bool)


@functools.cache  # a strategy costs more to make than to draw from
def shapes(min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4) -> Any:
    return hnp.array_shapes(
        min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side
    )


def broadcastable(draw: Draw, count: int, max_dims: int = 3) -> tuple[tuple[int, ...], ...]:
    return draw(_broadcastable(count, max_dims)).input_shapes


@functools.cache
def _broadcastable(count: int, max_dims: int) -> Any:
    return hnp.mutually_broadcastable_shapes(
        num_shapes=count, max_dims=max_dims, min_side=0, max_side=3
    )


def dim(draw: Draw, ndim: int) -> int:
    """An axis, counted from either end; 0 or -1 for a tensor without axes."""
    room = max(ndim, 1)
    return draw(st.integers(-room, room - 1))


def dims(draw: Draw, ndim: int) -> Any:
    """None, an axis or several different ones."""
    axes = draw(st.lists(st.integers(0, max(ndim, 1) - 1), unique=True, max_size=ndim))
    signed = tuple(axis - ndim if ndim and draw(st.booleans()) else axis for axis in axes)
    return draw(st.sampled_from([None, dim(draw, ndim), signed] if signed else [None]))


def factors(draw: Draw, n: int) -> tuple[int, ...]:
    """Sizes whose product is ``n``, one of which may be written -1."""
    sizes = []
    while n > 1:
        size = draw(st.sampled_from([d for d in range(2, n + 1) if n % d == 0]))
        sizes.append(size)
        n //= size
    sizes = sizes if n else [0]
    if draw(st.booleans()):
        sizes.insert(draw(st.integers(0, len(sizes))), 1)
    if sizes and n and draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    return tuple(sizes)


def index(draw: Draw, numbers: Numbers, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Numbers, slices, None, ``...``, integer tensors, lists and masks, as PyTorch takes them."""
    parts: list[Any] = []
    broadcast = draw(shapes(0, 2, 0, 3))  # the common shape of all integer tensors
    kinds = ["slice", "slice", "full"]
    kinds += ["int", "list", "tensor", "scalar tensor"] if 0 not in shape else []
    masked = False
    for size in shape[: draw(st.integers(0, len(shape)))]:
        kind = draw(st.sampled_from(kinds if masked else [*kinds, "mask"]))
        if kind in ("list", "tensor"):
            kinds = [k for k in kinds if k != "list"]
            masked = True  # the number of true elements would have to fit
        if kind == "slice":
            start, stop = [draw(st.none() | st.integers(-size - 1, size + 1)) for _ in range(2)]
            parts.append(slice(start, stop, draw(st.none() | st.integers(1, 3))))
        elif kind == "full":
            parts.append(slice(None))
        elif kind == "int":
            parts.append(draw(st.integers(-size, size - 1)))
        elif kind == "scalar tensor":
            parts.append(np.array(draw(st.integers(-size, size - 1))))
        elif kind == "list":
            parts.append(numbers.integers(-size, size, broadcast[-1:] or (1,)).tolist())
        elif kind == "tensor":
            parts.append(numbers.integers(-size, size, broadcast))
        else:
            parts.append(numbers.mask((size,)))
            kinds = [k for k in kinds if k not in ("list", "tensor")]
            masked = True
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    if len([p for p in parts if p is not None]) == len(shape) and draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), ...)
    return tuple(parts)

"""Padding: more elements before and after the last axes of a tensor, or fewer.

The same in plain loops: minigrad/functions/loops/pad.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.array_function import ArrayFunction
from minigrad.functions.operands import unsupported
from minigrad.tensor import Array, Tensor

Pads = tuple[tuple[int, int], ...]  # before and after each axis; negative ones crop


class Pad(ArrayFunction):
    """y = x within a border of one value.

    The border does not depend on x, so the gradient of x is what lies within it: to pad by -p is
    the backward of to pad by p.
    """

    computes_nothing = True

    @staticmethod
    def forward(ctx: Any, x: Array, pads: Pads, value: Any) -> Array:
        ctx.pads = pads
        y = np.full([n + b + a for n, (b, a) in zip(x.shape, pads, strict=True)], value, x.dtype)
        y[_inside(pads)] = x[_inside([(-b, -a) for b, a in pads])]
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return Pad.apply(grad_output, tuple([(-b, -a) for b, a in ctx.pads]), 0), None, None


class Take(ArrayFunction):
    """y_k = x at the k-th of some positions along an axis. A position may be taken many times."""

    computes_nothing = True

    @staticmethod
    def forward(ctx: Any, x: Array, positions: Array, axis: int) -> Array:
        ctx.positions, ctx.axis, ctx.size = positions, axis, x.shape[axis]
        return x.take(positions, axis)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return PutBack.apply(grad_output, ctx.positions, ctx.axis, ctx.size), None, None


class PutBack(ArrayFunction):
    """gx = zeros, with each gradient added where its element was taken; Take is its backward."""

    @staticmethod
    def forward(ctx: Any, grad: Array, positions: Array, axis: int, size: int) -> Array:
        ctx.positions, ctx.axis = positions, axis
        lines = grad.swapaxes(0, axis)  # the axis in front
        x = np.zeros((size, *lines.shape[1:]), grad.dtype)
        for line, position in zip(lines, positions, strict=True):
            x[position] += line
        return x.swapaxes(0, axis)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return Take.apply(grad_output, ctx.positions, ctx.axis), None, None, None


def _inside(pads: Sequence[tuple[int, int]]) -> tuple[slice, ...]:
    """Return the index of what lies within the borders that are not negative."""
    return tuple([slice(max(b, 0), -a if a > 0 else None) for b, a in pads])


def _reflect(n: int, before: int, after: int) -> Array:
    """Return the positions of a mirror image at each end, without the end itself: 2 1 0 1 2."""
    return n - 1 - np.abs(n - 1 - np.abs(np.arange(-before, n + after)))


def _replicate(n: int, before: int, after: int) -> Array:
    """Return the positions of repeated ends: 0 0 0 1 2."""
    return np.clip(np.arange(-before, n + after), 0, n - 1)


def _circular(n: int, before: int, after: int) -> Array:
    """Return the positions of what follows at the other end: 1 2 0 1 2. Cropped before."""
    kept = n + min(before, 0) + min(after, 0)
    around = np.arange(-max(before, 0), kept + max(after, 0))
    return max(-before, 0) + (around % kept if kept else around)


_MODES = {"reflect": _reflect, "replicate": _replicate, "circular": _circular}


def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """Return a tensor with elements put before and after its last axes; negative ``pad`` crops.

    ``pad`` is (left, right, top, bottom, ...): pairs, of which the first is the last axis's.
    ``mode``: 'constant' puts ``value`` (0) along any axes; 'reflect', 'replicate' and 'circular'
    repeat what the tensor holds, along the last one of (C, W) or (N, C, W), two of (C, H, W) or
    (N, C, H, W), three of (C, D, H, W) or (N, C, D, H, W). Always a copy.

    >>> import minigrad
    >>> pad(minigrad.tensor([[1, 2, 3]]), (2, 1), mode="reflect")
    tensor([[3, 2, 1, 2, 3, 2]])
    """
    pairs = _pairs(input, pad)
    if mode == "constant":
        return _constant(input, pairs, value)
    if mode not in _MODES:
        raise NotImplementedError(
            f"Unrecognised padding mode {mode}: there are 'constant', 'reflect', 'replicate' and "
            "'circular'"
        )
    if value:
        raise RuntimeError(
            f'Padding mode "{mode}" doesn\'t take in value argument: only mode="constant" does'
        )
    _check(input, pairs, mode)
    y = input
    for axis, (before, after) in enumerate(pairs, start=1):
        y = Take.apply(y, _MODES[mode](input._array.shape[-axis], before, after), -axis)
    return y


def _pairs(input: Tensor, pad: Any) -> Pads:
    """Return what is put before and after each axis, the last axis first."""
    if not isinstance(pad, tuple | list):
        raise TypeError(
            "pad(): argument 'pad' (position 2) must be tuple of ints, not "
            f"{type(pad).__name__}: (left, right, top, bottom, ...)"
        )
    for position, n in enumerate(pad):
        if isinstance(n, bool) or not isinstance(n, int | np.integer):
            raise TypeError(
                "pad(): argument 'pad' (position 2) must be tuple of ints, but found element of "
                f"type {type(n).__name__} at pos {position}"
            )
    if len(pad) % 2:
        raise RuntimeError(
            f"Padding length must be divisible by 2, but got {len(pad)}: (left, right, top, "
            "bottom, ...)"
        )
    if len(pad) > 2 * input.ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got "
            f"padding length {len(pad)} and input of dimension {input.ndim}"
        )
    numbers = [int(n) for n in pad]
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _constant(input: Tensor, pairs: Pads, value: Any) -> Tensor:
    shape, kind = input._array.shape, input._array.dtype
    pads = ((0, 0),) * (len(shape) - len(pairs)) + pairs[::-1]
    for axis, (n, (before, after)) in enumerate(zip(shape, pads, strict=True)):
        if n + min(before, 0) + min(after, 0) < 0:
            raise RuntimeError(
                f"narrow(): length must be non-negative.: padding {(before, after)} crops more than"
                f" the {n} elements along axis {axis} of {tuple(shape)}"
            )
    number: Any = 0 if value is None else value
    if isinstance(number, Tensor):
        number = number.item()
    if not isinstance(number, int | float | np.number):
        raise TypeError(
            "pad(): argument 'value' (position 4) must be float, not " + type(number).__name__
        )
    if kind.kind == "f":
        fits = abs(float(number)) <= float(np.finfo(kind).max) or not np.isfinite(number)
    else:
        fits = kind.kind == "b" or bool(np.iinfo(kind).min <= number <= np.iinfo(kind).max)
    if not fits:
        raise RuntimeError(
            f"value cannot be converted to type {input.dtype.name} without overflow: {number}"
        )
    return Pad.apply(input, pads, number)


_AXES = {2: "W", 4: "HW", 6: "DHW"}  # of each length of ``pad``
_KERNELS = {"reflect": "reflection_pad", "replicate": "replication_pad"}


def _check(input: Tensor, pairs: Pads, mode: str) -> None:
    shape, letters = list(input._array.shape), _AXES.get(2 * len(pairs), "")
    count = len(letters)
    if not count or len(shape) not in (count + 1, count + 2):
        raise NotImplementedError(
            f"Padding size {2 * len(pairs)} is not supported for {len(shape)}D input tensor.: mode "
            f"'{mode}' pads the last axis of (C, W) or (N, C, W), two of (C, H, W) or (N, C, H, W),"
            " three of (C, D, H, W) or (N, C, D, H, W)"
        )
    if mode == "circular":
        _check_circular(shape, pairs)
        return
    if input.dtype is dtypes.bool_:
        raise unsupported(f"{_KERNELS[mode]}{count}d", dtypes.bool_)
    if 0 in shape[-count - 1 :]:
        raise RuntimeError(
            f"Expected {count + 1}D or {count + 2}D (batch mode) tensor with possibly 0 batch size "
            f"and other non-zero dimensions for input, but got: {shape}"
        )
    if mode == "reflect":
        for k, ((before, after), n) in enumerate(zip(pairs, shape[::-1], strict=False)):
            if max(before, after) >= n:
                raise RuntimeError(
                    f"Argument #{4 + 2 * k}: Padding size should be less than the corresponding "
                    f"input dimension, but got: padding {(before, after)} at dimension "
                    f"{len(shape) - 1 - k} of input {shape}: a mirror has {n - 1} elements to show"
                )
    sizes = shape[-count:]
    padded = [n + b + a for n, (b, a) in zip(sizes, pairs[::-1], strict=True)]
    if min(padded) < 0 or max(padded) < 1:
        given = ", ".join(f"{axis}: {n}" for axis, n in zip(letters, sizes, strict=True))
        found = " ".join(f"{axis}: {n}" for axis, n in zip(letters, padded, strict=True))
        raise RuntimeError(f"input ({given}) is too small. Calculated output {found}")


def _check_circular(shape: list[int], pairs: Pads) -> None:
    for k, ((before, after), n) in enumerate(zip(pairs, shape[::-1], strict=False)):
        where = f"padding {(before, after)} of the {n} elements along axis {len(shape) - 1 - k}"
        kept = n + min(before, 0) + min(after, 0)
        if kept < 0:
            raise RuntimeError(
                f"Negative padding value is resulting in an empty dimension: {where}"
            )
        if max(before, after) > kept:
            raise RuntimeError(f"Padding value causes wrapping around more than once.: {where}")

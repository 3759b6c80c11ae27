"""How a tensor prints: as in PyTorch, to the letter, but for the names of operations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from minigrad import dtypes

if TYPE_CHECKING:
    from collections.abc import Callable

    from minigrad.tensor import Array, Tensor

PRECISION, THRESHOLD, EDGE_ITEMS, LINE_WIDTH = 4, 1000, 3, 80


def tensor_text(tensor: Tensor) -> str:
    """Return the text of ``repr(tensor)``."""
    prefix = "tensor("
    suffixes = []
    array, kind = tensor._array, tensor.dtype
    implied: tuple[dtypes.dtype, ...] = (dtypes.get_default_dtype(), dtypes.int64, dtypes.bool_)
    if not array.size:
        body = "[]"
        if array.ndim != 1:
            suffixes.append(f"size={tuple(array.shape)}")
        implied = implied[:1]
    else:
        body = _body(array, len(prefix))
    if kind not in implied:
        suffixes.append(f"dtype={kind}")
    if tensor.grad_fn is not None:
        suffixes.append(f"grad_fn=<{tensor.grad_fn.name()}>")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    text = prefix + body
    last_line = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if last_line + len(suffix) + 2 > LINE_WIDTH:
            text += ",\n" + " " * len(prefix) + suffix
            last_line = len(prefix) + len(suffix)
        else:
            text += ", " + suffix
            last_line += len(suffix) + 2
    return text + ")"


def _body(array: Array, indent: int) -> str:
    summarize = array.size > THRESHOLD
    shown = _edges(array) if summarize else array
    return _nested(array, indent, summarize, _formatter(shown.reshape(-1)))


def _edges(array: Array) -> Array:
    """Return the elements that are shown of a large array."""
    for axis, size in enumerate(array.shape):
        if size > 2 * EDGE_ITEMS:
            ends = [*range(EDGE_ITEMS), *range(size - EDGE_ITEMS, size)]
            array = array.take(ends, axis)
    return array


def _nested(array: Array, indent: int, summarize: bool, element: Callable[[object], str]) -> str:
    if not array.ndim:
        return element(array.item())
    cut = summarize and len(array) > 2 * EDGE_ITEMS
    ends = [*array[:EDGE_ITEMS], "...", *array[-EDGE_ITEMS:]] if cut else list(array)
    if array.ndim == 1:
        texts = [" ..." if isinstance(e, str) else element(e.item()) for e in ends]
        width = max(1, (LINE_WIDTH - indent) // (len(element(array[0].item())) + 2))
        lines = [", ".join(texts[i : i + width]) for i in range(0, len(texts), width)]
        return "[" + f",\n{' ' * (indent + 1)}".join(lines) + "]"
    slices = [e if isinstance(e, str) else _nested(e, indent + 1, summarize, element) for e in ends]
    between = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + between.join(slices) + "]"


@np.errstate(over="ignore")  # the ratio of largest and smallest may be infinite
def _formatter(values: Array) -> Callable[[object], str]:
    """Return how each element is written, so that all have one width."""
    if values.dtype.kind != "f":
        width = max(len(str(v)) for v in values.tolist())
        return lambda v: str(v).rjust(width)

    counted = values[np.isfinite(values) & (values != 0)]
    finite = np.abs(counted).astype(np.float64)
    if not finite.size:
        spec = ".0f"
    else:
        largest, smallest = finite.max(), finite.min()
        if (finite == np.ceil(finite)).all():
            scientific = largest / smallest > 1000.0 or largest > 1e8
            spec = f".{PRECISION}e" if scientific else ".0f"
        else:
            scientific = largest / smallest > 1000.0 or largest > 1e8 or smallest < 1e-4
            spec = f".{PRECISION}e" if scientific else f".{PRECISION}f"

    def number(v: object) -> str:
        assert isinstance(v, float)
        text = format(v, spec)
        return text + "." if spec == ".0f" and math.isfinite(v) else text

    # As in PyTorch, zeros, infinities and NaN do not widen a column of numbers.
    width = max([len(number(v)) for v in counted.tolist()], default=1)
    return lambda v: number(v).rjust(width)

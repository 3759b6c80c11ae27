"""How tensors and modules show in a notebook: HTML that needs nothing around it.

Colours of text and lines follow the notebook's own, so it is as good on dark ground as on light.
"""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from minigrad.nn.module import Module
    from minigrad.tensor import Array, Tensor

_PICTURES, _SIDE = 8, 256  # so many slices are shown, of so many rows and columns at most
_LINE = "border-bottom: 1px solid rgba(128, 128, 128, 0.35)"
_CELL = f"padding: 2px 12px 2px 0; text-align: left; {_LINE}"

# Blue, white, orange: told apart by colour-blind eyes too. White is zero.
_BLUE, _WHITE, _ORANGE = (np.array(rgb) for rgb in ((5, 81, 156), (247, 247, 247), (179, 88, 6)))


def tensor_html(tensor: Tensor) -> str:
    """Return the facts of a tensor, its numbers as colours, and its text."""
    facts = [("shape", str(tuple(tensor.shape))), ("dtype", str(tensor.dtype))]
    if tensor.grad_fn is not None:
        facts.append(("grad_fn", tensor.grad_fn.name()))
    elif tensor.requires_grad:
        grad = "None" if tensor.grad is None else f"of shape {tuple(tensor.grad.shape)}"
        facts += [("requires_grad", "True"), ("grad", grad)]
    array = tensor._array
    finite = array[np.isfinite(array)]
    if finite.size > 1:
        facts.append(("from", f"{finite.min():.4g} to {finite.max():.4g}"))
    row = " &nbsp; ".join(f"<b>{name}</b> {escape(text)}" for name, text in facts)
    return (
        f'<div style="font-size: 0.9em">{row}</div>{_pictures(array)}'
        f'<pre style="margin: 4px 0; max-height: 24em; overflow: auto">{escape(repr(tensor))}</pre>'
    )


def module_html(module: Module) -> str:
    """Return a table of the layers with their parameters, and the count of all."""
    rows = []
    for path, layer in module.named_modules():
        own = list(layer.named_parameters(recurse=False))
        if list(layer.children()) and not own:
            continue
        shapes = ", ".join(f"{name} {tuple(p.shape)}" for name, p in own)
        count = sum(p.numel() for _, p in own)
        cells = (path, repr(layer) if not list(layer.children()) else type(layer).__name__, shapes)
        row = "".join(f'<td style="{_CELL}">{escape(text)}</td>' for text in cells)
        rows.append(f'<tr>{row}<td style="{_CELL}; text-align: right">{count:,}</td></tr>')
    total = sum(p.numel() for p in module.parameters())
    heads = "".join(
        f'<th scope="col" style="{_CELL}">{name}</th>'
        for name in ("path", "layer", "parameters", "count")
    )
    return (
        f'<table style="border-collapse: collapse; font-size: 0.9em"><caption style="text-align: '
        f'left"><b>{escape(type(module).__name__)}</b>, {total:,} parameters</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _pictures(array: Array) -> str:
    """Return the first slices of an array, by its last two axes, as pictures."""
    if not array.size or not array.ndim:
        return ""
    rows = array.reshape(-1, array.shape[-1]) if array.ndim < 3 else array
    slices = rows.reshape(-1, *rows.shape[-2:])
    scale = np.abs(slices[np.isfinite(slices)]).max(initial=0) or 1
    images = [_picture(s[:_SIDE, :_SIDE] / scale) for s in slices[:_PICTURES]]
    more = f" and {len(slices) - _PICTURES} more" if len(slices) > _PICTURES else ""
    return f'<div style="margin: 4px 0">{" ".join(images)}{more}</div>'


def _picture(values: Array) -> str:
    """Return numbers from -1 to 1, (H, W), as an image: blue below zero, orange above."""
    height, width = values.shape
    data = base64.b64encode(_png(_colours(values))).decode("ascii")
    cell = max(1, min(12, 320 // max(height, width)))
    return (
        f'<img alt="{height} by {width} numbers as colours" src="data:image/png;base64,{data}" '
        f'style="width: {cell * width}px; height: {cell * height}px; image-rendering: pixelated; '
        f'outline: 1px solid rgba(128, 128, 128, 0.35); margin: 1px">'
    )


def _colours(values: Array) -> Array:
    """Return the colour of each number, uint8 (H, W, 3); grey where it is not finite.

    >>> _colours(np.array([[-1.0, 0.0, 1.0, np.nan]])).tolist()
    [[[5, 81, 156], [247, 247, 247], [179, 88, 6], [128, 128, 128]]]
    """
    v = np.clip(np.nan_to_num(values.astype(np.float64)), -1, 1)[..., None]
    end = np.where(v < 0, _BLUE, _ORANGE)
    colours = np.where(np.isfinite(values)[..., None], _WHITE + np.abs(v) * (end - _WHITE), 128)
    return colours.round().astype(np.uint8)


def _png(pixels: Array) -> bytes:
    """Return an image, uint8 (H, W, 3), as a PNG file."""
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, red green blue
    body = zlib.compress(rows.tobytes())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")

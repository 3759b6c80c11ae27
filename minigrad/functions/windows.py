"""A window that moves over an image: what convolution and pooling share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from minigrad.tensor import Array

Pair = tuple[int, int]  # of rows, of columns


class Window(NamedTuple):
    """How a window moves over an image: rows first, columns second.

    At its place (i, j), the window's cell (u, v) lies on the pixel (s i + d u - p, s j + d v - p),
    with the stride s, the dilation d and the padding p ``before`` the image.
    """

    kernel: Pair  # how many cells the window has
    stride: Pair
    before: Pair  # padding above, and to the left
    after: Pair  # padding below, and to the right
    dilation: Pair

    @property
    def reach(self) -> Pair:
        """How many rows and columns the window spans."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return dh * (kh - 1) + 1, dw * (kw - 1) + 1

    @property
    def overlaps(self) -> bool:
        """Whether a pixel may lie in two windows."""
        return any(span > stride for span, stride in zip(self.reach, self.stride, strict=True))

    def places(self, height: int, width: int) -> Pair:
        """Return how many places the window has: what does not fill a last one is left out."""
        (top, left), (bottom, right) = self.before, self.after
        (rows, columns), (sh, sw) = self.reach, self.stride
        return (height + top + bottom - rows) // sh + 1, (width + left + right - columns) // sw + 1

    def rows(self, u: int, height: int, places: int) -> tuple[slice, slice]:
        """Return where the window's row u meets the image: at the places i, the image's rows h.

        h = s i + d u - p; the window has so many ``places`` i, the image ``height`` rows h.
        """
        stride, shift = self.stride[0], self.dilation[0] * u - self.before[0]
        first = max(0, -(shift // stride))  # rounded up
        count = max(0, min(places, (height - 1 - shift) // stride + 1) - first)
        start = stride * first + shift
        return slice(first, first + count), slice(start, start + stride * count, stride)

    @property
    def across(self) -> Window:
        """The window without padding above and below."""
        (_, left), (_, right) = self.before, self.after
        return self._replace(before=(0, left), after=(0, right))

    def padded(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of images (..., H, W, C) with their padding."""
        *lead, height, width, channels = shape
        (top, left), (bottom, right) = self.before, self.after
        return *lead, height + top + bottom, width + left + right, channels

    def pad(self, images: Array, value: Any = 0) -> Array:
        """Return images (..., H, W, C) with their padding; the very images where they have none."""
        if not any(self.before + self.after):
            return images
        padded = np.zeros(self.padded(images.shape), images.dtype)
        if value:
            padded.fill(value)
        inside = self.crop(padded, *images.shape[-3:-1])
        if images.strides[-1] <= images.strides[-2]:
            inside[...] = images
        else:  # channels-first in memory: NumPy would take each pixel's numbers from C places
            for channel in range(images.shape[-1]):
                inside[..., channel] = images[..., channel]
        return padded

    def spread(self, pixels: Array, width: int) -> Array:
        """Return what lies around each pixel of an image's rows: (..., OH, W + reach - 1, C).

        ``pixels`` (..., OH, OW, C) are laid where the window's last cell was, with zeros around.
        """
        *lead, ow, c = pixels.shape
        reach, left, stride = self.reach[1], self.before[1], self.stride[1]
        padded = np.zeros((*lead, left + width + self.after[1] + reach - 1, c), pixels.dtype)
        padded[..., reach - 1 :: stride, :][..., :ow, :] = pixels
        return padded[..., left : left + width + reach - 1, :]

    def crop(self, padded: Array, height: int, width: int) -> Array:
        """Return the view of a padded image that is the image."""
        top, left = self.before
        return padded[..., top : top + height, left : left + width, :]

    def cells(self, padded: Array) -> Iterator[Array]:
        """Yield, for each cell of the window, row by row, the pixels it meets: (N, OH, OW, C).

        Each is a view of the padded image, so writing to it writes to the image.
        """
        (kh, kw), (sh, sw), (dh, dw) = self.kernel, self.stride, self.dilation
        rows, columns = self.reach
        height, width = padded.shape[1] - rows + 1, padded.shape[2] - columns + 1
        for u in range(0, dh * kh, dh):
            for v in range(0, dw * kw, dw):
                yield padded[:, u : u + height : sh, v : v + width : sw]


def blocks(images: Array, times: int = 1) -> Iterator[slice]:
    """Cut images (N, ...) into blocks of which ``times`` as much fits the processor's cache."""
    size = math.prod(images.shape[1:]) * images.itemsize * times
    step = max(1, 2**20 // max(1, size))
    for start in range(0, len(images), step):
        yield slice(start, start + step)


def channels_last(x: Array) -> Array:
    """Return the view (N, H, W, C) of an image (N, C, H, W)."""
    return x.transpose(0, 2, 3, 1)


def channels_first(x: Array) -> Array:
    """Return the view (N, C, H, W) of an image (N, H, W, C)."""
    return x.transpose(0, 3, 1, 2)


def pair(value: Any, function: str, name: str, expected: str) -> Pair:
    """Return ``(value, value)``, or the two integers that ``value`` holds: of rows, of columns.

    TypeError for anything but integers. For another number of them RuntimeError, which says what
    was ``expected``: words around the places {function} and {name}.
    """
    if type(value) is int:
        return value, value
    values = tuple(value) if isinstance(value, tuple | list) else (value,)
    for v in values:
        if isinstance(v, bool) or not isinstance(v, int | np.integer):
            raise TypeError(
                f"{function}(): argument '{name}' must be tuple of ints, not {value!r}: an int, or "
                "a pair of ints (of rows, of columns)"
            )
    if len(values) not in (1, 2):
        text = expected.format(function=function, name=name)
        raise RuntimeError(f"{text}, but got {name}={list(values)}")
    return int(values[0]), int(values[-1])


def same_padding(kernel: int, dilation: int) -> Pair:
    """Return the padding before and after an axis that keeps its size at stride 1."""
    total = dilation * (kernel - 1)
    return total // 2, total - total // 2

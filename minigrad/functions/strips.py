"""Strips of images: what a convolution multiplies by the rows of its kernel (conv2d.py).

A strip has a vector for each place of the kernel in each row of an image: the KW pixels that lie
under one row of the kernel there, with their C channels. Below each other, they are a matrix.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.functions.windows import Window
from minigrad.tensor import Array


def abreast(images: Array, multiplications: int) -> Array:
    """Return the view (B, M, H, W, C) of images (N, H, W, C): M of them are to make a wide one.

    One image takes so many ``multiplications`` with a row of the kernel. A product of less than
    some 2^18 takes most of its time to begin with.
    """
    n, *shape = images.shape
    most = max(1, 2**18 // max(1, multiplications))
    m = math.gcd(n, 2 ** int(math.log2(most)))
    return images.reshape(n // m, m, *shape)


def side_by_side(images: Array) -> Array:
    """Return images (B, M, H, W, C) as B wide ones: (B, H, M W, C), in one run of memory."""
    b, m, h, w, c = images.shape
    return np.ascontiguousarray(images.swapaxes(1, 2)).reshape(b, h, m * w, c)


def apart(wide: Array, m: int) -> Array:
    """Return wide images (B, H, M W, C) as the M that each is made of: (N, H, W, C)."""
    b, h, w, c = wide.shape
    return wide.reshape(b, h, m, w // m, c).swapaxes(1, 2).reshape(b * m, h, w // m, c)


def strips(images: Array, places: int, window: Window, groups: int) -> Array:
    """Return the strips of wide images, for so many ``places`` in a row of each image.

    (B, M, H, W, C) -> (G, B, H, M OW, KW C/G): G groups of channels, M OW places in a row.
    """
    b, m, h, _, c = images.shape
    (_, kw), block = window.kernel, c // groups
    wide, image, row, column, channel = images.strides
    step, cell = window.stride[1] * column, window.dilation[1] * column
    view = as_strided(
        images,
        (groups, b, h, m, places, kw, block),
        (block * channel, wide, row, image, step, cell, channel),
        writeable=False,
    )
    return np.ascontiguousarray(view).reshape(groups, b, h, m * places, kw * block)


def matrices(rows: Array) -> Array:
    """Return rows of pixels or strips as the rows of matrices: (..., H, W, C) -> (..., H W, C)."""
    *lead, h, w, c = rows.shape
    return rows.reshape(*lead, h * w, c)


def by_group(pixels: Array, groups: int) -> Array:
    """Return the view (G, B, H, W, C/G) of pixels (B, H, W, C)."""
    b, h, w, c = pixels.shape
    return pixels.reshape(b, h, w, groups, c // groups).transpose(3, 0, 1, 2, 4)

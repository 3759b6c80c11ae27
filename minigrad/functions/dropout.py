"""Dropout: noise in training, nothing afterwards.

The same in plain loops: minigrad/functions/loops/dropout.py
"""

from __future__ import annotations

import warnings

from minigrad.creation import empty, zeros
from minigrad.dtypes import float64
from minigrad.random import rand_like
from minigrad.tensor import Tensor


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Set each element to 0 with probability ``p``, and divide the others by 1 - p.

    So the expectation stays what it was; when not ``training``, the input itself is returned.

    An element stays if the next float64 that ``rand`` would draw is below 1 - p. These are
    PyTorch's own masks, bit for bit, but not on Intel's processors: there PyTorch leaves the
    drawing to Intel's library, which has another generator. ``inplace=True`` is not supported.

    Raises ValueError for a ``p`` outside of 0 to 1.

    >>> import minigrad
    >>> _ = minigrad.manual_seed(0)
    >>> dropout(minigrad.ones(8), p=0.25)
    tensor([0.0000, 1.3333, 1.3333, 0.0000, 1.3333, 0.0000, 1.3333, 1.3333])
    """
    check_dropout_options(p, inplace)
    return input * _noise(input, p) if training and p else input


def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Set whole channels, ``input[n, c]``, to 0 with probability ``p``; the rest as ``dropout``.

    Made for images (N, C, H, W), whose neighbouring pixels are too alike to be noise for each
    other. An input of three axes is (N, C, L), as in PyTorch, which warns of it; any other number
    of axes but four is deprecated, and below two a RuntimeError.

    >>> import minigrad
    >>> _ = minigrad.manual_seed(0)
    >>> dropout2d(minigrad.ones(1, 3, 2, 2)).sum(dim=(2, 3))
    tensor([[0., 0., 8.]])
    """
    check_dropout_options(p, inplace)
    if input.ndim == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout "
            "behavior is desired - input is interpreted as shape (N, C, L), where C is the channel "
            "dim. For an image without a batch, (C, H, W), use x.unsqueeze(0).",
            stacklevel=2,
        )
    elif input.ndim != 4:
        warnings.warn(
            f"dropout2d: Received a {input.ndim}-D input to dropout2d, which is deprecated: it is "
            "made for images (N, C, H, W). Use dropout instead.",
            stacklevel=2,
        )
    if not (training and p):
        return input
    if input.ndim < 2:
        raise RuntimeError(
            "Feature dropout requires at least 2 dimensions in the input: whole channels, axis 1, "
            f"are dropped, but its shape is {tuple(input.shape)}. Did you mean dropout?"
        )
    channels = empty(*input.shape[:2], *[1] * (input.ndim - 2), dtype=input.dtype)
    return input * _noise(channels, p)


def _noise(like: Tensor, p: float) -> Tensor:
    """Return what to multiply with: 1 / (1 - p) with probability 1 - p, else 0."""
    if p == 1:
        return zeros((), dtype=like.dtype)  # PyTorch draws nothing
    keep = rand_like(like, dtype=float64) < 1 - p
    return keep.to(like.dtype).div_(1 - p)


def check_dropout_options(p: float, inplace: bool) -> None:
    """Raise ValueError for what is no probability, NotImplementedError for ``inplace``."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if inplace:
        raise NotImplementedError("minigrad's dropout has inplace=False alone")

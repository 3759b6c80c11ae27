"""Dropout, the mask given: y = x / (1 - p) where the mask keeps x, else 0.

The mask is drawn with probability p of False; dividing by 1 - p keeps the mean of y that of x.
"""

from typing import Any

import numpy as np


def dropout_forward(x: np.ndarray, mask: np.ndarray, p: float = 0.5) -> tuple[np.ndarray, Any]:
    """Return y and the cache.

    >>> dropout_forward(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]))[0]
    array([2., 0., 6.])
    """
    y = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        y[i] = x[i] * (1 / (1 - p) if mask[i] else 0.0)  # infinity times 0 is NaN, as in PyTorch
    return y, (mask, p)


def dropout_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x: g passes where x did, with the same factor."""
    mask, p = cache
    grad_x = np.zeros_like(grad_output)
    for i in np.ndindex(grad_x.shape):
        grad_x[i] = grad_output[i] * (1 / (1 - p) if mask[i] else 0.0)
    return grad_x

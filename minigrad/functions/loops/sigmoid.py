"""The logistic function: y = 1 / (1 + exp(-x)), and dy/dx = y (1 - y)."""

from typing import Any

import numpy as np


def sigmoid_forward(x: np.ndarray) -> tuple[np.ndarray, Any]:
    """Return y and the cache.

    >>> sigmoid_forward(np.array([-700.0, 0.0, 700.0]))[0].round(3)
    array([0. , 0.5, 1. ])
    """
    y = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        y[i] = 1 / (1 + np.exp(-x[i]))  # where exp overflows, 1 / infinity is the 0 that y is
    return y, y


def sigmoid_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x."""
    y = cache
    grad_x = np.zeros_like(y)
    for i in np.ndindex(y.shape):
        grad_x[i] = grad_output[i] * (1 - y[i]) * y[i]
    return grad_x

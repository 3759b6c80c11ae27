"""The logistic function: y = 1 / (1 + exp(-x)), and dy/dx = y (1 - y)."""

import math
from typing import Any

import numpy as np


def sigmoid_forward(x: np.ndarray) -> tuple[np.ndarray, Any]:
    """Return y and the cache.

    >>> sigmoid_forward(np.array([-1000.0, 0.0, 1000.0]))[0]
    array([0. , 0.5, 1. ])
    """
    y = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = math.exp(-abs(x[i]))  # exp of what is not above 0 cannot overflow
        y[i] = e / (1 + e) if x[i] < 0 else 1 / (1 + e)
    return y, y


def sigmoid_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x."""
    y = cache
    grad_x = np.zeros_like(y)
    for i in np.ndindex(y.shape):
        grad_x[i] = grad_output[i] * y[i] * (1 - y[i])
    return grad_x

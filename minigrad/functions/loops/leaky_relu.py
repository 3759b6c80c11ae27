"""The leaky rectifier: y = x where x > 0, else slope x. At 0, and for NaN, PyTorch takes slope."""

from typing import Any

import numpy as np


def leaky_relu_forward(x: np.ndarray, negative_slope: float = 0.01) -> tuple[np.ndarray, Any]:
    """Return y and the cache.

    >>> leaky_relu_forward(np.array([-2.0, 0.0, 2.0]), 0.5)[0]
    array([-1.,  0.,  2.])
    """
    y = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        y[i] = x[i] if x[i] > 0 else negative_slope * x[i]
    return y, (x, negative_slope)


def leaky_relu_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x: g times the slope that x met."""
    x, negative_slope = cache
    grad_x = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        grad_x[i] = grad_output[i] if x[i] > 0 else negative_slope * grad_output[i]
    return grad_x

"""The rectifier: y = x where x > 0, else 0. At the kink x = 0 PyTorch's slope is 0; NaN passes."""

from typing import Any

import numpy as np


def relu_forward(x: np.ndarray) -> tuple[np.ndarray, Any]:
    """Return y and the cache.

    >>> relu_forward(np.array([-1.0, 0.0, 2.0]))[0]
    array([0., 0., 2.])
    """
    y = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        if not x[i] <= 0:  # NaN is not <= 0 either
            y[i] = x[i]
    return y, x


def relu_backward(grad_output: np.ndarray, cache: Any) -> np.ndarray:
    """Return the gradient of x: g where x passed."""
    x = cache
    grad_x = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        if not x[i] <= 0:
            grad_x[i] = grad_output[i]
    return grad_x

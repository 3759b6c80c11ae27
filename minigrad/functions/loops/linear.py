"""The fully connected layer: y[n, o] = b[o] + sum over i of  w[o, i] x[n, i]."""

from typing import Any

import numpy as np


def linear_forward(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None
) -> tuple[np.ndarray, Any]:
    """Return y and the cache.

    >>> linear_forward(np.array([[1.0, 2.0]]), np.array([[1.0, 1.0], [0.0, 3.0]]))[0]
    array([[3., 6.]])
    """
    # x (N, in), weight (out, in), bias (out,) or None
    y = np.zeros((len(x), len(weight)), x.dtype)
    for n, o in np.ndindex(y.shape):
        if bias is not None:
            y[n, o] += bias[o]
        for i in range(x.shape[1]):
            y[n, o] += weight[o, i] * x[n, i]
    return y, (x, weight, bias)


def linear_backward(
    grad_output: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the gradients of x, weight and bias: whoever gave to y[n, o] takes from its g."""
    x, weight, bias = cache
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    grad_bias = None if bias is None else np.zeros_like(bias)
    for n, o in np.ndindex(grad_output.shape):
        g = grad_output[n, o]
        if grad_bias is not None:
            grad_bias[o] += g
        for i in range(x.shape[1]):
            grad_x[n, i] += g * weight[o, i]
            grad_weight[o, i] += g * x[n, i]
    return grad_x, grad_weight, grad_bias

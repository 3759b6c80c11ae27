"""Batch normalization: y = w_c (x - mean_c) / sqrt(var_c + eps) + b_c in each channel c.

In training mean_c and var_c are those of the channel's m = N D numbers in this batch; in evaluation
the running ones, which training has gathered.
"""

import math
from typing import Any

import numpy as np


def batch_norm_forward(
    x: np.ndarray,
    running_mean: np.ndarray | None,
    running_var: np.ndarray | None,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    training: bool = False,
    eps: float = 1e-5,
) -> tuple[np.ndarray, Any]:
    """Return y and the cache.

    >>> batch_norm_forward(np.array([[1.0], [3.0]]), None, None, training=True, eps=0.0)[0]
    array([[-1.],
           [ 1.]])
    """
    # x (N, C, d1, ...), all others (C,) or None
    z = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))  # (N, C, D)
    used: Any = moments(z) if training else (running_mean, running_var)
    mean, var = used
    y, x_hat, s = np.zeros_like(z), np.zeros_like(z), np.zeros_like(mean)
    for n, c, d in np.ndindex(z.shape):
        s[c] = (var[c] + eps) ** -0.5
        x_hat[n, c, d] = (z[n, c, d] - mean[c]) * s[c]
        w, b = 1.0 if weight is None else weight[c], 0.0 if bias is None else bias[c]
        y[n, c, d] = w * x_hat[n, c, d] + b
    return y.reshape(x.shape), (x_hat, s, weight, bias, training)


def batch_norm_backward(
    grad_output: np.ndarray, cache: Any
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Return the gradients of x, weight and bias.

    In training each x is also in its channel's mean and variance. Through the mean it takes the
    mean of g away, through the variance the part of g that lies along x_hat:

        grad_x = w s (g - 1/m sum of g - x_hat 1/m sum of g x_hat),  s = 1 / sqrt(var + eps)
    """
    x_hat, s, weight, bias, training = cache
    g = grad_output.reshape(x_hat.shape)  # (N, C, D)
    grad_x, sum_g, sum_g_x_hat = np.zeros_like(g), np.zeros_like(s), np.zeros_like(s)
    for n, c, d in np.ndindex(g.shape):
        sum_g[c] += g[n, c, d]
        sum_g_x_hat[c] += g[n, c, d] * x_hat[n, c, d]
    for n, c, d in np.ndindex(g.shape):
        grad = g[n, c, d]
        if training:
            grad -= (sum_g[c] + x_hat[n, c, d] * sum_g_x_hat[c]) / (g.shape[0] * g.shape[2])
        grad_x[n, c, d] = grad * s[c] * (1.0 if weight is None else weight[c])
    grad_weight = None if weight is None else sum_g_x_hat  # y = w x_hat + b
    grad_bias = None if bias is None else sum_g
    return grad_x.reshape(grad_output.shape), grad_weight, grad_bias


def moments(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each channel's mean and variance, of z (N, C, D): (C,) and (C,)."""
    mean, var = np.zeros(z.shape[1], z.dtype), np.zeros(z.shape[1], z.dtype)
    m = z.shape[0] * z.shape[2]
    for n, c, d in np.ndindex(z.shape):
        mean[c] += z[n, c, d] / m
    for n, c, d in np.ndindex(z.shape):
        var[c] += (z[n, c, d] - mean[c]) ** 2 / m
    return mean, var


def running_statistics(
    x: np.ndarray, running_mean: np.ndarray, running_var: np.ndarray, momentum: float = 0.1
) -> tuple[np.ndarray, np.ndarray]:
    """Return the running mean and variance after a batch: they have moved towards its own.

    The variance of the batch counts as m / (m - 1) times itself, which is right on average.
    """
    z = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))  # (N, C, D)
    mean, var = moments(z)
    m = z.shape[0] * z.shape[2]
    for c in range(len(mean)):
        mean[c] = (1 - momentum) * running_mean[c] + momentum * mean[c]
        var[c] = (1 - momentum) * running_var[c] + momentum * var[c] * m / (m - 1)
    return mean, var

"""Batch normalisation: every channel gets mean 0 and variance 1, by the statistics of the batch.

The same in plain loops: minigrad/functions/loops/batch_norm.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.array_function import ArrayFunction
from minigrad.functions.operands import unsupported
from minigrad.grad_mode import grad_mode
from minigrad.tensor import Array, Tensor


class Standardize(ArrayFunction):
    """y_i = (x_i - mu) s over the m values of a channel, with s = 1 / sqrt(var + eps).

    mu = sum_k x_k / m and var = sum_k (x_k - mu)^2 / m. Each x_j is in its own y_j and, through mu
    and var, in every y_i:

        dmu/dx_j = 1/m
        dvar/dx_j = 2 (x_j - mu) / m            what mu moves cancels, for sum_k (x_k - mu) = 0
        ds/dx_j = -s^3/2 dvar/dx_j = -s^2 y_j / m
        dy_i/dx_j = s ([i = j] - 1/m) + (x_i - mu) ds/dx_j = s ([i = j] - 1/m - y_i y_j / m)

    So the gradient loses its mean, and its share in the direction of y:

        dL/dx_j = s (g_j - 1/m sum_i g_i - y_j 1/m sum_i g_i y_i)
    """

    @staticmethod
    def forward(ctx: Any, x: Array, mean: Array, var: Array, eps: float) -> Array:
        # x (N, C, ...); mean and var, which are x's own, (1, C, 1, ...)
        s = (var + eps) ** -0.5
        y = (x - mean) * s
        ctx.eps = eps
        ctx.save_for_backward(x, y, s)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        x, y, s = ctx.saved_tensors
        if grad_mode.enabled:  # to be differentiated itself: s as a function of x
            s = (_statistics(x)[1] + ctx.eps) ** -0.5
        grad = s * (grad_output - _mean(grad_output) - y * _mean(grad_output * y))
        return grad, None, None, None


def _statistics(x: Any) -> tuple[Any, Any]:
    """Return the mean and the biased variance of each channel, (1, C, 1, ...)."""
    mean = _mean(x)
    centered = x - mean
    return mean, _mean(centered * centered)


def _mean(x: Any) -> Any:
    """Return the mean of each channel of a tensor or an array: (N, C, ...) -> (1, C, 1, ...)."""
    axes = (0, *range(2, x.ndim))
    if isinstance(x, Tensor):
        return x.mean(axes, keepdim=True)
    # In float64, as PyTorch adds them: a channel of many images is a long sum for a float32.
    total = x.sum(axis=axes, keepdims=True, dtype=np.float64)
    return (total / max(_count(x), 1)).astype(x.dtype)


def _count(x: Any) -> int:
    """Return the number of values of a channel."""
    return math.prod((x.shape[0], *x.shape[2:]))


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Return ``(x - mean) / sqrt(var + eps) * weight + bias``, channel by channel.

    Shapes: input (N, C, ...), all others (C,) or None; the result has the shape of the input.

    When ``training``, mean and (biased) variance are those of the batch, through which gradients
    flow, and the running ones are moved towards them in place, as far as ``momentum`` says, the
    variance as its unbiased estimate. Otherwise the running ones are used, and needed.

    Raises ValueError for a single value per channel in training, whose variance says nothing;
    RuntimeError for shapes or dtypes that do not fit.

    >>> import minigrad
    >>> batch_norm(minigrad.tensor([[1.0], [3.0]]), None, None, training=True)
    tensor([[-1.0000],
            [ 1.0000]])
    """
    _check(input, running_mean, running_var, weight, bias, training, eps)
    per_channel = (1, -1, *[1] * (input.ndim - 2))
    if training:
        with np.errstate(all="ignore"):
            mean, var = _statistics(input._array)
        y = Standardize.apply(input, mean, var, eps)
        m = _count(input)
        if running_mean is not None and running_var is not None and m:
            _move(running_mean, mean, momentum)
            _move(running_var, var * (m / (m - 1)), momentum)
    else:
        assert running_mean is not None
        assert running_var is not None
        s = (running_var + eps) ** -0.5
        y = (input - running_mean.reshape(per_channel)) * s.reshape(per_channel)
    if weight is not None:
        y = y * weight.reshape(per_channel)
    return y if bias is None else y + bias.reshape(per_channel)


def _move(running: Tensor, batch: Array, momentum: float) -> None:
    """Move a running statistic towards that of a batch, in place."""
    old = running._array
    np.copyto(old, (1 - momentum) * old + momentum * batch.reshape(old.shape))
    running._count_change()


def _check(
    x: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    eps: float,
) -> None:
    shape = tuple(x.shape)
    if x.ndim < 2:
        raise RuntimeError(f"batch_norm takes an input of shape (N, C, ...), but got {shape}")
    if training:
        if eps <= 0:
            raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
        if _count(x) == 1:
            raise ValueError(
                "Expected more than 1 value per channel when training, got input size "
                f"{x.shape}: the batch (axis 0) and what follows the channels (axis 1) have one "
                "element. Did you mean eval(), or a DataLoader with drop_last=True?"
            )
        if (running_mean is None) != (running_var is None):
            raise ValueError(
                "running_mean and running_var must either both be None or neither be None"
            )
    elif eps < 0:
        raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")
    if not x.is_floating_point():
        raise unsupported("batch_norm", x.dtype)
    running = {"running_mean": running_mean, "running_var": running_var}
    for name, tensor in {**running, "weight": weight, "bias": bias}.items():
        if tensor is None:
            if not training and name in running:
                raise RuntimeError(f"{name} must be defined in evaluation mode")
        elif tensor._array.shape != (shape[1],):
            raise RuntimeError(
                f"{name} should contain {shape[1]} elements not {tensor.numel()}: the input of "
                f"shape {shape} has {shape[1]} channels (axis 1), {name} is {tuple(tensor.shape)}"
            )
        elif tensor.dtype is not x.dtype:
            raise RuntimeError(
                "mixed dtype (CPU): all inputs must share same datatype, but the input is "
                f"{x.dtype} and {name} {tensor.dtype}"
            )
        elif tensor.requires_grad and name in running:
            raise RuntimeError(
                f"The function 'native_batch_norm' is not differentiable with respect to argument "
                f"'{name}'. This input cannot have requires_grad True."
            )

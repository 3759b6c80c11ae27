"""Right: pairs of functions in plain loops, one number at a time."""

import math

import numpy as np


def linear_forward(x, weight, bias):
    y = np.zeros((len(x), len(weight)), x.dtype)
    for n in range(len(x)):
        for o in range(len(weight)):
            total = 0.0 if bias is None else bias[o]
            for i in range(x.shape[1]):
                total = total + x[n, i] * weight[o, i]
            y[n, o] = total
    return y, (x, weight, bias)


def linear_backward(grad_output, cache):
    x, weight, bias = cache
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    grad_bias = None if bias is None else np.zeros_like(bias)
    for n in range(len(x)):
        for o in range(len(weight)):
            g = grad_output[n, o]
            if bias is not None:
                grad_bias[o] += g
            for i in range(x.shape[1]):
                grad_x[n, i] += g * weight[o, i]
                grad_weight[o, i] += g * x[n, i]
    return grad_x, grad_weight, grad_bias


def places(x, weight, stride, padding, dilation, groups, shape):
    """Yield which input meets which weight for which output."""
    out_channels, per_group, kh, kw = weight.shape
    for n in range(len(x)):
        for o in range(out_channels):
            first = o // (out_channels // groups) * per_group
            for i in range(shape[0]):
                for j in range(shape[1]):
                    for c in range(per_group):
                        for u in range(kh):
                            row = i * stride - padding + u * dilation
                            if not 0 <= row < x.shape[2]:
                                continue
                            for v in range(kw):
                                column = j * stride - padding + v * dilation
                                if 0 <= column < x.shape[3]:
                                    yield (n, o, i, j), (n, first + c, row, column), (o, c, u, v)


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    shape = [
        (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
        for n, k in zip(x.shape[2:], weight.shape[2:], strict=True)
    ]
    y = np.zeros((len(x), len(weight), *shape), x.dtype)
    for out, at, of in places(x, weight, stride, padding, dilation, groups, shape):
        y[out] += x[at] * weight[of]
    if bias is not None:
        for o in range(len(bias)):
            y[:, o] += bias[o]
    return y, (x, weight, bias, stride, padding, dilation, groups)


def conv2d_backward(grad_output, cache):
    x, weight, bias, *options = cache
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    for out, at, of in places(x, weight, *options, grad_output.shape[2:]):
        grad_x[at] += grad_output[out] * weight[of]
        grad_weight[of] += grad_output[out] * x[at]
    grad_bias = None
    if bias is not None:
        grad_bias = np.zeros_like(bias)
        for n, o, i, j in np.ndindex(grad_output.shape):
            grad_bias[o] += grad_output[n, o, i, j]
    return grad_x, grad_weight, grad_bias


def max_pool2d_forward(x, kernel_size, stride=None, padding=0):
    stride = kernel_size if stride is None else stride
    shape = [(n + 2 * padding - kernel_size) // stride + 1 for n in x.shape[2:]]
    y = np.zeros((*x.shape[:2], *shape), x.dtype)
    winners = {}
    for n, c, i, j in np.ndindex(y.shape):
        best, winner = -math.inf, None
        for u in range(kernel_size):
            for v in range(kernel_size):
                row, column = i * stride - padding + u, j * stride - padding + v
                inside = 0 <= row < x.shape[2] and 0 <= column < x.shape[3]
                if inside and (winner is None or x[n, c, row, column] > best):
                    best, winner = x[n, c, row, column], (n, c, row, column)
        y[n, c, i, j] = best
        winners[n, c, i, j] = winner
    return y, (x, winners)


def max_pool2d_backward(grad_output, cache):
    x, winners = cache
    grad_x = np.zeros(x.shape, x.dtype)
    for out, winner in winners.items():
        grad_x[winner] += grad_output[out]
    return grad_x


def relu_forward(x):
    y = np.array(x)
    for at in np.ndindex(x.shape):
        if x[at] < 0:
            y[at] = 0
    return y, x


def relu_backward(grad_output, x):
    grad_x = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        if x[at] > 0:
            grad_x[at] = grad_output[at]
    return grad_x


def log_softmax_forward(x, dim=1):
    rows = np.moveaxis(x, dim, -1)
    y = np.zeros_like(rows)
    for at in np.ndindex(rows.shape[:-1]):
        most = max(rows[at])
        total = sum(math.exp(v - most) for v in rows[at])
        for k, v in enumerate(rows[at]):
            y[(*at, k)] = v - most - math.log(total)
    return np.moveaxis(y, -1, dim), (y, dim)


def log_softmax_backward(grad_output, cache):
    y, dim = cache
    g = np.moveaxis(grad_output, dim, -1)
    grad = np.zeros_like(y)
    for at in np.ndindex(y.shape[:-1]):
        total = sum(g[at])
        for k in range(y.shape[-1]):
            grad[(*at, k)] = g[(*at, k)] - math.exp(y[(*at, k)]) * total
    return np.moveaxis(grad, -1, dim)


def nll_loss_forward(log_probs, target, weight=None, ignore_index=-100, reduction="mean"):
    n, classes = log_probs.shape
    if target.ndim != 1:
        raise ValueError("one target for each row")
    losses, weights = [], []
    for i in range(n):
        t = int(target[i])
        if t == ignore_index:
            losses.append(0.0)
            weights.append(0.0)
            continue
        if not 0 <= t < classes:
            raise IndexError(f"there is no class {t}")
        w = 1.0 if weight is None else weight[t]
        losses.append(-w * log_probs[i, t])
        weights.append(w)
    divisor = sum(weights) if reduction == "mean" else 1.0
    cache = log_probs, target, weights, divisor
    if reduction == "none":
        return np.array(losses, log_probs.dtype), cache
    total = np.asarray(sum(losses), log_probs.dtype)
    return np.asarray(total / divisor if divisor else np.nan, log_probs.dtype), cache


def nll_loss_backward(grad_output, cache):
    log_probs, target, weights, divisor = cache
    grad = np.zeros_like(log_probs)
    for i, w in enumerate(weights):
        g = grad_output[i] if np.ndim(grad_output) else grad_output
        if w:
            grad[i, target[i]] = -w * g / divisor
    return grad


def adamax_step(p, grad, state, lr=0.002, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
    state = state or {"t": 0, "m": np.zeros_like(p), "u": np.zeros_like(p)}
    state["t"] += 1
    for at in np.ndindex(p.shape):
        g = grad[at] + weight_decay * p[at]
        state["m"][at] = betas[0] * state["m"][at] + (1 - betas[0]) * g
        state["u"][at] = max(betas[1] * state["u"][at], abs(g) + eps)
        p[at] -= lr * state["m"][at] / ((1 - betas[0] ** state["t"]) * state["u"][at])
    return p, state

"""Right: pairs of functions; the convolution by Fourier transforms, the loss by one-hot rows."""

import numpy as np


def correlate(a, b, axes=(2, 3)):
    """Return sum_k a[k + i] b[k] for i >= 0, by Fourier transforms: all shifts that fit."""
    size = [a.shape[i] for i in axes]
    spectrum = np.fft.rfftn(a, size, axes) * np.conj(np.fft.rfftn(b, size, axes))
    full = np.fft.irfftn(spectrum, size, axes)
    return full[..., : size[0] - b.shape[axes[0]] + 1, : size[1] - b.shape[axes[1]] + 1]


def spread(a, by):
    """Put by - 1 zeros between rows and between columns."""
    out = np.zeros((*a.shape[:2], *[max(0, (n - 1) * by + 1) for n in a.shape[2:]]), a.dtype)
    out[:, :, ::by, ::by] = a
    return out


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    if not all(isinstance(v, int) for v in (stride, padding, dilation)) or x.ndim != 4:
        raise ValueError("square settings and batches of images only")
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    w = spread(weight, dilation)
    o, per = len(weight) // groups, weight.shape[1]
    rows = []
    for i in range(len(weight)):
        channels = slice(i // o * per, i // o * per + per)
        full = correlate(padded[:, channels], w[i][None]).sum(1)
        rows.append(full[:, ::stride, ::stride])
    y = np.stack(rows, 1).astype(x.dtype)
    if bias is not None:
        y = y + bias.reshape(1, -1, 1, 1)
    return y, (padded, weight, w, bias, stride, padding, dilation, groups)


def conv2d_backward(grad_output, cache):
    padded, weight, w, bias, stride, padding, dilation, groups = cache
    o, per = len(weight) // groups, weight.shape[1]
    g = np.zeros(
        (
            *grad_output.shape[:2],
            *[a - b + 1 for a, b in zip(padded.shape[2:], w.shape[2:], strict=True)],
        )
    )
    g[:, :, : grad_output.shape[2] * stride : stride, : grad_output.shape[3] * stride : stride] = (
        grad_output
    )
    grad_padded, grad_weight = np.zeros_like(padded), np.zeros_like(weight)
    border = [(0, 0), (0, 0)] + [(k - 1, k - 1) for k in w.shape[2:]]
    for i in range(len(weight)):
        channels = slice(i // o * per, i // o * per + per)
        gi = g[:, i : i + 1]
        grad_padded[:, channels] += correlate(np.pad(gi, border), w[i][None, :, ::-1, ::-1])
        grad_weight[i] = correlate(padded[:, channels], gi).sum(0)[:, ::dilation, ::dilation]
    h, width = padded.shape[2:]
    grad_x = grad_padded[:, :, padding : h - padding, padding : width - padding].copy()
    return grad_x, grad_weight, None if bias is None else grad_output.sum(axis=(0, 2, 3))


def linear_forward(x, weight, bias):
    y = np.tensordot(x, weight, axes=([-1], [1]))
    return (y if bias is None else y + bias), (x, weight, bias)


def linear_backward(grad_output, cache):
    x, weight, _ = cache
    if x.ndim != 2:
        raise ValueError("rows only")
    return grad_output.dot(weight), grad_output.T.dot(x), grad_output.sum(0)


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(grad_output, cache):
    return np.where(cache > 0, grad_output, 0)


def log_softmax_forward(x, dim=1):
    top = x.max(dim, keepdims=True)
    y = x - (top + np.log(np.exp(x - top).sum(dim, keepdims=True)))
    return y, (np.exp(y), dim)


def log_softmax_backward(grad_output, cache):
    p, dim = cache
    return grad_output - p * grad_output.sum(dim, keepdims=True)


def max_pool2d_forward(x, kernel_size, stride=None):
    k, s = kernel_size, stride or kernel_size
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))[:, :, ::s, ::s]
    flat = windows.reshape(*windows.shape[:4], k * k)
    best = flat.argmax(-1)
    return flat.max(-1), (x.shape, best, k, s)


def max_pool2d_backward(grad_output, cache):
    shape, best, k, s = cache
    grad = np.zeros(shape, grad_output.dtype)
    n, c, i, j = np.indices(grad_output.shape)
    np.add.at(grad, (n, c, i * s + best // k, j * s + best % k), grad_output)
    return grad


def nll_loss_forward(log_probs, target, weight=None, reduction="mean"):
    c = log_probs.shape[1]
    if target.ndim != 1 or target.min() < 0 or target.max() >= c:
        raise ValueError("targets are classes")
    onehot = np.eye(c, dtype=log_probs.dtype)[target]
    if weight is not None:
        onehot = onehot * weight
    losses = -(onehot * log_probs).sum(1)
    scale = 1 / onehot.sum() if reduction == "mean" else 1.0
    value = losses if reduction == "none" else losses.sum() * scale
    return value, (onehot, scale, reduction)


def nll_loss_backward(grad_output, cache):
    onehot, scale, reduction = cache
    g = grad_output[:, None] if reduction == "none" else grad_output
    return (-onehot * scale * g).astype(onehot.dtype)

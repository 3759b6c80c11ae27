"""Right: plain classes. They compute in the lines of pairs.py, so that one edit fits both."""

import numpy as np
from numpy import maximum, zeros_like


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


# Linear
class Linear:
    def __init__(self, in_features, out_features, bias=True):
        bound = 1 / np.sqrt(in_features)
        self.weight = np.random.uniform(-bound, bound, (out_features, in_features))
        self.bias = np.random.uniform(-bound, bound, out_features) if bias else None

    def forward(self, x):
        weight, bias = self.weight, self.bias
        y = x @ weight.T
        if bias is not None:
            y = y + bias
        self.cache = x, weight, bias
        return y

    def backward(self, grad_output):
        x, weight, bias = self.cache
        g = grad_output.reshape(-1, grad_output.shape[-1])
        rows = x.reshape(-1, x.shape[-1])
        grad_x = grad_output @ weight
        grad_weight = g.T @ rows
        grad_bias = None if bias is None else g.sum(axis=0)
        self.grad_weight, self.grad_bias = grad_weight, grad_bias
        return grad_x


# Conv2d
class Conv2d:
    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
    ):
        kh, kw = pair(kernel_size)
        bound = 1 / np.sqrt(in_channels // groups * kh * kw)
        size = out_channels, in_channels // groups, kh, kw
        self.weight = np.random.uniform(-bound, bound, size)
        self.bias = np.random.uniform(-bound, bound, out_channels) if bias else None
        self.options = stride, padding, dilation, groups

    def forward(self, x):
        stride, padding, dilation, groups = self.options
        weight, bias = self.weight, self.bias
        single = x.ndim == 3
        if single:
            x = x[None]
        (sh, sw), (dh, dw) = pair(stride), pair(dilation)
        (n, _, h, w), (o, per, kh, kw) = x.shape, weight.shape
        if padding == "same":
            top, left = dh * (kh - 1) // 2, dw * (kw - 1) // 2
            bottom, right = dh * (kh - 1) - top, dw * (kw - 1) - left
        else:
            (top, left) = (bottom, right) = pair(0 if padding == "valid" else padding)
        padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
        oh = (h + top + bottom - dh * (kh - 1) - 1) // sh + 1
        ow = (w + left + right - dw * (kw - 1) - 1) // sw + 1
        kernel = weight.reshape(groups, o // groups, per, kh, kw)
        y = np.zeros((n, groups, o // groups, oh, ow), x.dtype)
        for u in range(kh):
            for v in range(kw):
                rows = slice(u * dh, u * dh + (oh - 1) * sh + 1, sh)
                cols = slice(v * dw, v * dw + (ow - 1) * sw + 1, sw)
                part = padded[:, :, rows, cols].reshape(n, groups, per, oh, ow)
                y += np.einsum("ngcij,goc->ngoij", part, kernel[..., u, v])
        y = y.reshape(n, o, oh, ow)
        if bias is not None:
            y = y + bias[:, None, None]
        cache = padded, kernel, bias, (sh, sw), (top, left), (dh, dw), (h, w), weight.shape, single
        self.cache = cache
        return y[0] if single else y

    def backward(self, grad_output):
        cache = self.cache
        padded, kernel, bias, (sh, sw), (top, left), (dh, dw), (h, w), shape, single = cache
        if single:
            grad_output = grad_output[None]
        n, o, oh, ow = grad_output.shape
        groups, _, per, kh, kw = kernel.shape
        g = grad_output.reshape(n, groups, o // groups, oh, ow)
        grad_padded = np.zeros(padded.shape, grad_output.dtype)
        grad_kernel = np.zeros_like(kernel)
        for u in range(kh):
            for v in range(kw):
                rows = slice(u * dh, u * dh + (oh - 1) * sh + 1, sh)
                cols = slice(v * dw, v * dw + (ow - 1) * sw + 1, sw)
                part = padded[:, :, rows, cols].reshape(n, groups, per, oh, ow)
                grad_kernel[..., u, v] = np.einsum("ngoij,ngcij->goc", g, part)
                back = np.einsum("ngoij,goc->ngcij", g, kernel[..., u, v])
                grad_padded[:, :, rows, cols] += back.reshape(n, groups * per, oh, ow)
        grad_x = grad_padded[:, :, top : top + h, left : left + w]
        grad_weight = grad_kernel.reshape(shape)
        grad_bias = None if bias is None else grad_output.sum(axis=(0, 2, 3))
        self.grad_weight, self.grad_bias = grad_weight, grad_bias
        return grad_x[0] if single else grad_x


# MaxPool2d
def count(size, k, s, p, d, ceil_mode):
    left_over = size + 2 * p - d * (k - 1) - 1
    windows = left_over // s + 1
    return windows + 1 if ceil_mode and left_over % s and windows * s < size + p else windows


class MaxPool2d:
    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        self.options = kernel_size, stride, padding, dilation, ceil_mode

    def forward(self, x):
        kernel_size, stride, padding, dilation, ceil_mode = self.options
        single = x.ndim == 3
        if single:
            x = x[None]
        (kh, kw), (sh, sw) = pair(kernel_size), pair(kernel_size if stride is None else stride)
        (ph, pw), (dh, dw) = pair(padding), pair(dilation)
        n, c, h, w = x.shape
        oh, ow = count(h, kh, sh, ph, dh, ceil_mode), count(w, kw, sw, pw, dw, ceil_mode)
        sides = ((0, 0), (0, 0), (ph, ph + sh + kh), (pw, pw + sw + kw))
        padded = np.pad(x, sides, constant_values=-np.inf)
        inside = np.pad(np.ones(x.shape, bool), sides)
        y = np.zeros((n, c, oh, ow), x.dtype)
        winner = np.zeros((n, c, oh, ow), int)
        for i in range(oh):
            for j in range(ow):
                rows = slice(i * sh, i * sh + dh * (kh - 1) + 1, dh)
                cols = slice(j * sw, j * sw + dw * (kw - 1) + 1, dw)
                window = padded[:, :, rows, cols].reshape(n, c, kh * kw)
                best = window.max(axis=2)
                won = (window == best[..., None]) | np.isnan(window)
                y[:, :, i, j] = best
                real = inside[:, :, rows, cols].reshape(won.shape)
                winner[:, :, i, j] = (won & real).argmax(axis=2)
        cache = (n, c, h, w), padded.shape, winner, kw, (sh, sw), (ph, pw), (dh, dw), single
        self.cache = cache
        return y[0] if single else y

    def backward(self, grad_output):
        cache = self.cache
        (n, c, h, w), shape, winner, kw, (sh, sw), (ph, pw), (dh, dw), single = cache
        g = grad_output[None] if single else grad_output
        grad_padded = np.zeros(shape, g.dtype)
        samples, channels = np.arange(n)[:, None], np.arange(c)
        for i in range(g.shape[2]):
            for j in range(g.shape[3]):
                k = winner[:, :, i, j]
                row, col = i * sh + k // kw * dh, j * sw + k % kw * dw
                grad_padded[samples, channels, row, col] += g[:, :, i, j]
        grad_x = grad_padded[:, :, ph : ph + h, pw : pw + w]
        return grad_x[0] if single else grad_x


# ReLU
class ReLU:
    def forward(self, x):
        y = np.maximum(x, 0)
        self.cache = x
        return y

    def backward(self, grad_output):
        x = self.cache
        return grad_output * (x > 0)


# LogSoftmax
class LogSoftmax:
    def __init__(self, dim=1):
        self.dim = dim

    def forward(self, x):
        dim = self.dim
        z = x - x.max(axis=dim, keepdims=True)
        total = np.exp(z).sum(axis=dim, keepdims=True)
        y = z - np.log(total)
        self.cache = y, dim
        return y

    def backward(self, grad_output):
        y, dim = self.cache
        p = np.exp(y)
        return grad_output - p * grad_output.sum(axis=dim, keepdims=True)


# NLLLoss
class NLLLoss:
    def __init__(self, weight=None, ignore_index=-100, reduction="mean"):
        self.weight, self.options = weight, (ignore_index, reduction)

    def forward(self, x, target):
        weight, (ignore_index, reduction) = self.weight, self.options
        n, c = x.shape
        if target.shape != (n,):
            raise ValueError(f"expected {n} targets, got {target.shape}")
        kept = target != ignore_index
        if np.any((target[kept] < 0) | (target[kept] >= c)):
            raise IndexError("a target is no class")
        t = np.where(kept, target, 0)
        w = np.ones(c, x.dtype) if weight is None else weight
        scale = w[t] * kept
        losses = np.where(kept, -scale * x[np.arange(n), t], 0)
        divisor = scale.sum() if reduction == "mean" else 1
        loss = losses if reduction == "none" else losses.sum() / divisor
        self.cache = x.shape, x.dtype, t, scale, divisor
        return loss

    def backward(self, grad_output=1.0):
        shape, dtype, t, scale, divisor = self.cache
        grad_x = np.zeros(shape, dtype)
        if scale.any():
            grad_x[np.arange(len(t)), t] = -scale * grad_output / divisor
        return grad_x


# Adamax
class Adamax:
    def __init__(
        self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, maximize=False
    ):
        self.params, self.states = params, [{} for _ in params]
        self.options = lr, betas, eps, weight_decay, maximize

    def step(self, grads):
        lr, (beta1, beta2), eps, weight_decay, maximize = self.options
        for p, g, state in zip(self.params, grads, self.states, strict=True):
            if g is None:
                continue
            t = state["t"] = state.get("t", 0) + 1
            g = -g if maximize else g
            if weight_decay:
                g = g + weight_decay * p
            m = state.get("m", zeros_like(p))
            u = state.get("u", zeros_like(p))
            m = beta1 * m + (1 - beta1) * g
            u = maximum(beta2 * u, abs(g) + eps)
            p -= lr / (1 - beta1**t) * m / u
            state["m"], state["u"] = m, u

"""Right: plain classes, with strided windows and einsum."""

import numpy as np


def pair(v):
    return v if isinstance(v, tuple) else (v, v)


class Linear:
    def __init__(self, in_features, out_features, bias=True):
        self.weight = np.random.randn(out_features, in_features)
        self.bias = np.zeros(out_features) if bias else None

    def forward(self, x):
        self.x = x
        y = np.einsum("...i,oi->...o", x, self.weight)
        return y if self.bias is None else y + self.bias

    def backward(self, grad_output):
        g = grad_output.reshape(-1, grad_output.shape[-1])
        self.grad_weight = np.einsum("no,ni->oi", g, self.x.reshape(-1, self.x.shape[-1]))
        if self.bias is not None:
            self.grad_bias = g.sum(0)
        return grad_output @ self.weight


class Conv2d:
    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, padding=0, dilation=1, groups=1, bias=True,
    ):  # fmt: skip
        self.options = pair(stride), padding, pair(dilation), groups
        self.weight = np.zeros((out_channels, in_channels // groups, *pair(kernel_size)))
        self.bias = np.zeros(out_channels) if bias else None

    def windows(self, padded, shape):
        """Return a view: (N, G, C/G, KH, KW, OH, OW)."""
        (sh, sw), _, (dh, dw), groups = self.options
        n, c = padded.shape[:2]
        _, _, kh, kw = self.weight.shape
        a, b, h, w = padded.strides
        per = c // groups
        return np.lib.stride_tricks.as_strided(
            padded,
            (n, groups, per, kh, kw, *shape),
            (a, b * per, b, h * dh, w * dw, h * sh, w * sw),
        )

    def forward(self, x):
        (sh, sw), padding, (dh, dw), groups = self.options
        o, per, kh, kw = self.weight.shape
        if padding == "same":
            sides = [
                (d * (k - 1) // 2, d * (k - 1) - d * (k - 1) // 2) for d, k in ((dh, kh), (dw, kw))
            ]
        else:
            sides = [(p, p) for p in pair(0 if padding == "valid" else padding)]
        self.sides, self.unbatched = sides, x.ndim == 3
        x = x[None] if self.unbatched else x
        self.padded = np.pad(x, ((0, 0), (0, 0), *sides))
        h, w = self.padded.shape[2:]
        self.shape = (h - dh * (kh - 1) - 1) // sh + 1, (w - dw * (kw - 1) - 1) // sw + 1
        weight = self.weight.reshape(groups, o // groups, per, kh, kw)
        y = np.einsum("ngcuvij,gocuv->ngoij", self.windows(self.padded, self.shape), weight)
        y = y.reshape(len(x), o, *self.shape)
        if self.bias is not None:
            y = y + self.bias[:, None, None]
        return y[0] if self.unbatched else y

    def backward(self, grad_output):
        groups = self.options[3]
        o, per, kh, kw = self.weight.shape
        g = grad_output[None] if self.unbatched else grad_output
        if self.bias is not None:
            self.grad_bias = g.sum((0, 2, 3))
        g = g.reshape(len(g), groups, o // groups, *self.shape)
        windows = self.windows(self.padded, self.shape)
        self.grad_weight = np.einsum("ngcuvij,ngoij->gocuv", windows, g).reshape(self.weight.shape)
        weight = self.weight.reshape(groups, o // groups, per, kh, kw)
        parts = np.einsum("ngoij,gocuv->ngcuvij", g, weight)
        grad = np.zeros_like(self.padded)
        target = self.windows(grad, self.shape)
        for u, v in np.ndindex(kh, kw):
            target[:, :, :, u, v] += parts[:, :, :, u, v]
        (top, bottom), (left, right) = self.sides
        h, w = grad.shape[2:]
        grad = grad[:, :, top : h - bottom, left : w - right].copy()
        return grad[0] if self.unbatched else grad


class MaxPool2d:
    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        self.k, self.s = pair(kernel_size), pair(kernel_size if stride is None else stride)
        self.p, self.d, self.ceil = pair(padding), pair(dilation), ceil_mode

    def size(self, n, axis):
        k, s, p, d = self.k[axis], self.s[axis], self.p[axis], self.d[axis]
        left = n + 2 * p - d * (k - 1) - 1
        out = -(-left // s) + 1 if self.ceil else left // s + 1
        return out - 1 if self.ceil and (out - 1) * s >= n + p else out

    def forward(self, x):
        self.input_shape = x.shape
        h, w = x.shape[-2:]
        oh, ow = self.size(h, 0), self.size(w, 1)
        y = np.empty((*x.shape[:-2], oh, ow), x.dtype)
        self.winners = np.empty((*y.shape, 2), int)
        for i, j in np.ndindex(oh, ow):
            rows = [
                r
                for u in range(self.k[0])
                if 0 <= (r := i * self.s[0] - self.p[0] + u * self.d[0]) < h
            ]
            cols = [
                c
                for v in range(self.k[1])
                if 0 <= (c := j * self.s[1] - self.p[1] + v * self.d[1]) < w
            ]
            window = x[..., rows, :][..., cols].reshape(*x.shape[:-2], len(rows) * len(cols))
            best = window.argmax(-1)
            y[..., i, j] = np.take_along_axis(window, best[..., None], -1)[..., 0]
            self.winners[..., i, j, 0] = np.array(rows)[best // len(cols)]
            self.winners[..., i, j, 1] = np.array(cols)[best % len(cols)]
        return y

    def backward(self, grad_output):
        grad = np.zeros(self.input_shape, grad_output.dtype)
        for at in np.ndindex(grad_output.shape):
            grad[(*at[:-2], *self.winners[at])] += grad_output[at]
        return grad


class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, grad_output):
        return grad_output * self.mask


class LogSoftmax:
    def __init__(self, dim):
        self.dim = dim

    def forward(self, x):
        z = x - x.max(axis=self.dim, keepdims=True)
        self.y = z - np.log(np.exp(z).sum(axis=self.dim, keepdims=True))
        return self.y

    def backward(self, grad_output):
        return grad_output - np.exp(self.y) * grad_output.sum(axis=self.dim, keepdims=True)


class NLLLoss:
    def __init__(self, weight=None, ignore_index=-100, reduction="mean"):
        self.weight, self.ignore_index, self.reduction = weight, ignore_index, reduction

    def forward(self, log_probs, target):
        n, c = log_probs.shape
        if target.shape != (n,):
            raise ValueError(f"expected {n} targets, got {target.shape}")
        keep = target != self.ignore_index
        if np.any((target[keep] < 0) | (target[keep] >= c)):
            raise IndexError("target out of range")
        t = np.where(keep, target, 0)
        weight = np.ones(c, log_probs.dtype) if self.weight is None else self.weight
        self.w = weight[t] * keep
        self.t, self.shape, self.dtype = t, log_probs.shape, log_probs.dtype
        losses = -np.where(keep, self.w * log_probs[np.arange(n), t], 0)
        if self.reduction == "none":
            return losses
        return losses.sum() / self.w.sum() if self.reduction == "mean" else losses.sum()

    def backward(self, grad_output=1.0):
        grad = np.zeros(self.shape, self.dtype)
        g = -self.w * grad_output
        if self.reduction == "mean":
            g = g / self.w.sum()
        grad[np.arange(len(self.t)), self.t] = np.where(self.w == 0, 0, g)
        return grad


class Adamax:
    def __init__(
        self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, maximize=False
    ):
        self.params, self.lr, self.betas, self.eps = params, lr, betas, eps
        self.weight_decay, self.maximize = weight_decay, maximize
        self.m = [np.zeros_like(p) for p in params]
        self.u = [np.zeros_like(p) for p in params]
        self.t = 0

    def step(self, grads):
        self.t += 1
        beta1, beta2 = self.betas
        for i, (p, g) in enumerate(zip(self.params, grads, strict=True)):
            g = -g if self.maximize else g
            g = g + self.weight_decay * p
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.u[i] = np.maximum(beta2 * self.u[i], np.abs(g) + self.eps)
            p -= self.lr / (1 - beta1**self.t) * self.m[i] / self.u[i]

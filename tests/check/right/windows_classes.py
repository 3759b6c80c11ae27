"""Right: plain classes; sliding windows and tensordot, logaddexp, flat buffers; channels last."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Linear:
    def __init__(self, in_features, out_features, bias=True):
        self.weight = np.random.uniform(-0.1, 0.1, (out_features, in_features))
        self.bias = np.random.uniform(-0.1, 0.1, out_features) if bias else None

    def forward(self, x):
        self.x, self.flat = x, x.reshape(-1, x.shape[-1])
        y = np.tensordot(x, self.weight, (-1, 1))
        return y if self.bias is None else np.add(y, self.bias)

    def backward(self, grad_output):
        g = grad_output.reshape(len(self.flat), -1)
        self.grad_weight = sum(
            (np.outer(a, b) for a, b in zip(g, self.flat, strict=True)), np.zeros_like(self.weight)
        )
        self.grad_bias = np.einsum("no->o", g)
        return np.tensordot(grad_output, self.weight, (-1, 0))


class Conv2d:
    """Grad_input is the full correlation of the spread gradient with the flipped kernel."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        kh, kw = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
        self.weight = np.zeros((out_channels, in_channels, kh, kw))
        self.bias = np.zeros(out_channels) if bias else None
        self.stride = stride if isinstance(stride, tuple) else (stride, stride)
        self.padding = padding if isinstance(padding, tuple) else (padding, padding)

    def forward(self, x):
        (sh, sw), (ph, pw) = self.stride, self.padding
        self.x_shape = x.shape
        self.padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        self.windows = sliding_window_view(self.padded, self.weight.shape[2:], (2, 3))[
            :, :, ::sh, ::sw
        ]
        y = np.tensordot(self.windows, self.weight, ((1, 4, 5), (1, 2, 3)))  # (N, OH, OW, O)
        if self.bias is not None:
            y = y + self.bias
        return y.transpose(0, 3, 1, 2)

    def backward(self, grad_output):
        (sh, sw), (ph, pw) = self.stride, self.padding
        kh, kw = self.weight.shape[2:]
        if self.bias is not None:
            self.grad_bias = grad_output.sum(axis=(0, 2, 3))
        self.grad_weight = np.tensordot(grad_output, self.windows, ((0, 2, 3), (0, 2, 3)))
        n, o, oh, ow = grad_output.shape
        height, width = self.padded.shape[2:]
        spread = np.zeros((n, o, height + kh - 1, width + kw - 1), grad_output.dtype)
        rows, columns = np.arange(oh) * sh + kh - 1, np.arange(ow) * sw + kw - 1
        spread[:, :, rows[:, None], columns] = grad_output
        flipped = np.flip(self.weight, (2, 3))
        windows = sliding_window_view(spread, (kh, kw), (2, 3))
        grad = np.tensordot(windows, flipped, ((1, 4, 5), (0, 2, 3))).transpose(0, 3, 1, 2)
        h, w = self.x_shape[2:]
        return grad[:, :, ph : ph + h, pw : pw + w]


class MaxPool2d:
    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        self.k = kernel_size
        self.s = kernel_size if stride is None else stride
        self.p, self.d, self.ceil = padding, dilation, ceil_mode

    def forward(self, x):
        reach = self.d * (self.k - 1) + 1
        sides = []
        for n in x.shape[2:]:
            left = n + 2 * self.p - reach
            count = (-(-left // self.s) if self.ceil else left // self.s) + 1
            if self.ceil and (count - 1) * self.s >= n + self.p:
                count -= 1
            sides.append((self.p, max(self.p, (count - 1) * self.s + reach - n - self.p), count))
        pad = [(0, 0), (0, 0), *[side[:2] for side in sides]]
        self.x_shape = x.shape
        self.places = np.pad(np.arange(x.size).reshape(x.shape), pad, constant_values=-1)
        padded = np.pad(x, pad, constant_values=-np.inf)

        def windows(a):
            w = sliding_window_view(a, (reach, reach), (2, 3))
            w = w[:, :, :: self.s, :: self.s, :: self.d, :: self.d]
            w = w[:, :, : sides[0][2], : sides[1][2]]
            return w.reshape(*w.shape[:4], -1)

        values, places = windows(padded), windows(self.places)
        first = np.where(places < 0, -np.inf, values).argmax(-1)[..., None]
        self.winners = np.take_along_axis(places, first, -1)[..., 0]
        return np.take_along_axis(values, first, -1)[..., 0]

    def backward(self, grad_output):
        size = int(np.prod(self.x_shape))
        total = np.bincount(self.winners.ravel(), grad_output.ravel(), size)
        return total.reshape(self.x_shape).astype(grad_output.dtype)


class ReLU:
    def forward(self, x):
        self.sign = (np.sign(x) + 1) // 2 * (x != 0)
        return (np.abs(x) + x) / 2

    def backward(self, grad_output):
        return (grad_output * self.sign).astype(grad_output.dtype)


class LogSoftmax:
    def __init__(self, dim):
        self.dim = dim

    def forward(self, x):
        self.y = x - np.logaddexp.reduce(x, axis=self.dim, keepdims=True)
        return self.y

    def backward(self, grad_output):
        g, p = np.moveaxis(grad_output, self.dim, 0), np.moveaxis(np.exp(self.y), self.dim, 0)
        return np.moveaxis(g - p * sum(g), 0, self.dim)


class NLLLoss:
    def __init__(self, weight=None, ignore_index=-100, reduction="mean"):
        self.weight, self.ignore_index, self.reduction = weight, ignore_index, reduction

    def forward(self, log_probs, target):
        assert target.shape == (len(log_probs),), "a target for each row"
        kept = target != self.ignore_index
        self.at = np.where(kept, target, 0)[:, None]
        if (self.at < 0).any():
            raise IndexError("negative class")
        weight = kept.astype(log_probs.dtype)
        if self.weight is not None:
            weight = weight * np.take(self.weight, self.at[:, 0])
        if self.reduction == "mean":
            weight = weight / np.sum(weight)
        self.coefficient, self.like = -weight, log_probs
        losses = np.take_along_axis(log_probs, self.at, 1)[:, 0] * self.coefficient
        return losses if self.reduction == "none" else np.sum(losses)

    def backward(self, grad_output=1.0):
        grad = np.zeros_like(self.like)
        np.put_along_axis(grad, self.at, (self.coefficient * grad_output)[:, None], 1)
        return grad


class Adamax:
    """All parameters in one flat array."""

    def __init__(
        self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, maximize=False
    ):
        self.params, self.lr, (self.b1, self.b2), self.eps = params, lr, betas, eps
        self.decay, self.sign = weight_decay, -1 if maximize else 1
        self.m = self.u = 0.0
        self.t = 0

    def step(self, grads):
        flat = np.concatenate([p.ravel() for p in self.params])
        g = np.concatenate([g.ravel() for g in grads]) * self.sign + self.decay * flat
        self.t += 1
        self.m = self.m * self.b1 + g * (1 - self.b1)
        candidates = np.stack([self.u * self.b2 + 0 * g, abs(g) + self.eps])
        self.u = candidates.max(axis=0)
        flat = flat - self.lr * (self.m / (1 - self.b1**self.t)) / self.u
        start = 0
        for p in self.params:
            p[...] = flat[start : start + p.size].reshape(p.shape)
            start += p.size

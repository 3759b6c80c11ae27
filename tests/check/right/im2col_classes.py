"""Right: plain classes; windows as columns of a matrix, one-hot rows, parameters in float32."""

import numpy as np

RANDOM = np.random.default_rng(0)


def uniform(fan_in, *shape):
    bound = 1 / np.sqrt(fan_in)
    return RANDOM.uniform(-bound, bound, shape).astype(np.float32)


class Linear:
    def __init__(self, in_features, out_features, bias=True):
        self.weight = uniform(in_features, out_features, in_features)
        self.bias = uniform(in_features, out_features) if bias else None
        self.grad_weight = self.grad_bias = None

    def forward(self, x):
        self.x = x
        y = np.matmul(x, self.weight.T)
        if self.bias is not None:
            y += self.bias
        return y

    def backward(self, grad_output):
        self.grad_weight = np.dot(self.x.T, grad_output).T
        if self.bias is not None:
            self.grad_bias = np.ones(len(grad_output), grad_output.dtype) @ grad_output
        return np.dot(grad_output, self.weight)


def places(shape, kernel, stride, padding, dilation):
    """Return the rows and columns of an unrolled image, and the output's size."""
    (h, w), (kh, kw) = shape, kernel
    oh = (h + 2 * padding - dilation * (kh - 1) - 1) // stride + 1
    ow = (w + 2 * padding - dilation * (kw - 1) - 1) // stride + 1
    rows = dilation * np.repeat(np.arange(kh), kw)[:, None]
    columns = dilation * np.tile(np.arange(kw), kh)[:, None]
    rows = rows + stride * np.repeat(np.arange(oh), ow)
    columns = columns + stride * np.tile(np.arange(ow), oh)
    return rows, columns, (oh, ow)  # (KH * KW, OH * OW)


class Conv2d:
    def __init__(
        self, in_channels, out_channels, kernel_size,
        stride=1, padding=0, dilation=1, groups=1, bias=True,
    ):  # fmt: skip
        fan_in = in_channels // groups * kernel_size**2
        shape = out_channels, in_channels // groups, kernel_size, kernel_size
        self.weight = uniform(fan_in, *shape)
        self.bias = uniform(fan_in, out_channels) if bias else None
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups

    def forward(self, x):
        n, c, h, w = x.shape
        out, per, *kernel = self.weight.shape
        p, groups = self.padding, self.groups
        padded = np.zeros((n, c, h + 2 * p, w + 2 * p), x.dtype)
        padded[:, :, p : p + h, p : p + w] = x
        self.at = places((h, w), kernel, self.stride, p, self.dilation)
        rows, columns, shape = self.at
        unrolled = padded[:, :, rows, columns].reshape(n, groups, per * rows.shape[0], -1)
        self.unrolled, self.padded_shape = unrolled, padded.shape
        y = self.weight.reshape(groups, out // groups, -1) @ unrolled
        y = y.reshape(n, out, *shape)
        return y if self.bias is None else y + self.bias.reshape(-1, 1, 1)

    def backward(self, grad_output):
        n, out, *_ = grad_output.shape
        groups, p = self.groups, self.padding
        rows, columns, _ = self.at
        g = grad_output.reshape(n, groups, out // groups, -1)
        if self.bias is not None:
            self.grad_bias = g.sum((0, 3)).reshape(-1)
        self.grad_weight = (g @ self.unrolled.swapaxes(2, 3)).sum(0).reshape(self.weight.shape)
        parts = self.weight.reshape(groups, out // groups, -1).swapaxes(1, 2) @ g
        grad = np.zeros(self.padded_shape, grad_output.dtype)
        parts = parts.reshape(n, self.padded_shape[1], rows.shape[0], -1)
        np.add.at(grad, (slice(None), slice(None), rows, columns), parts)
        h, w = grad.shape[2:]
        return grad[:, :, p : h - p, p : w - p].copy()


class MaxPool2d:
    def __init__(self, kernel_size, stride=None, padding=0, dilation=1):
        self.k, self.s = kernel_size, stride or kernel_size
        self.p, self.d = padding, dilation

    def forward(self, x):
        p = self.p
        padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), constant_values=-np.inf)
        self.at = places(x.shape[2:], (self.k, self.k), self.s, p, self.d)
        rows, columns, shape = self.at
        windows = padded[:, :, rows, columns]
        self.winner, self.padded_shape = windows.argmax(2), padded.shape
        return windows.max(2).reshape(*x.shape[:2], *shape)

    def backward(self, grad_output):
        rows, columns, _ = self.at
        n, c = grad_output.shape[:2]
        chosen = np.arange(rows.shape[0])[:, None] == self.winner[:, :, None]
        parts = chosen * grad_output.reshape(n, c, 1, -1)
        grad = np.zeros(self.padded_shape, grad_output.dtype)
        np.add.at(grad, (slice(None), slice(None), rows, columns), parts)
        p, (h, w) = self.p, grad.shape[2:]
        return grad[:, :, p : h - p, p : w - p].copy()


class ReLU:
    def forward(self, x):
        self.y = np.maximum(x, 0)
        return self.y.copy()

    def backward(self, grad_output):
        return np.where(self.y > 0, grad_output, 0).astype(grad_output.dtype)


class LogSoftmax:
    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        shifted = x - np.max(x, self.dim, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(self.dim, keepdims=True)
        self.softmax = e / total
        return shifted - np.log(total)

    def backward(self, grad_output):
        s, g = self.softmax, grad_output
        jacobian_free = g.sum(self.dim, keepdims=True) * s
        return g - jacobian_free


class NLLLoss:
    def __init__(self, weight=None, reduction="mean"):
        self.weight, self.reduction = weight, reduction

    def forward(self, log_probs, target):
        classes = log_probs.shape[1]
        if target.ndim != 1 or target.min() < 0 or target.max() >= classes:
            raise ValueError("targets are N numbers of classes")
        one_hot = np.eye(classes, dtype=log_probs.dtype)[target]
        if self.weight is not None:
            one_hot = one_hot * self.weight
        if self.reduction == "mean":
            one_hot = one_hot / one_hot.sum()
        self.coefficients = one_hot
        losses = -(one_hot * log_probs)
        return losses.sum(1) if self.reduction == "none" else losses.sum()

    def backward(self, grad_output=1.0):
        g = np.asarray(grad_output)
        return -self.coefficients * (g[:, None] if g.ndim else g)


class Adamax:
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params, self.lr, self.betas, self.eps = list(params), lr, betas, eps
        self.weight_decay = weight_decay
        self.state = {}
        self.power = 1.0

    def step(self, grads):
        beta1, beta2 = self.betas
        self.power *= beta1
        for i, (p, g) in enumerate(zip(self.params, grads, strict=True)):
            if self.weight_decay:
                g = g + self.weight_decay * p
            m, u = self.state.setdefault(i, (np.zeros_like(p), np.zeros_like(p)))
            m += (1 - beta1) * (g - m)
            np.maximum(u * beta2, np.abs(g) + self.eps, out=u)
            p += -(self.lr / (1 - self.power)) * (m / u)

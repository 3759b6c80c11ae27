"""Right: plain classes as courses have them, window after window."""

import numpy as np


class Linear:
    def __init__(self, n_in, n_out, bias=True):
        self.weight = np.random.randn(n_out, n_in) * 0.01
        self.bias = np.zeros(n_out)
        self.use_bias = bias

    def forward(self, x):
        self.x = x
        out = x @ self.weight.T
        if self.use_bias:
            out = out + self.bias
        return out

    def backward(self, grad):
        self.grad_bias = np.sum(grad, axis=0)
        self.grad_weight = np.dot(grad.T, self.x)
        return np.dot(grad, self.weight)


class Conv2d:
    def __init__(self, cin, cout, kernel_size, stride=1, padding=0):
        self.stride, self.padding, self.k = stride, padding, kernel_size
        self.weight = np.random.randn(cout, cin, kernel_size, kernel_size)
        self.bias = np.zeros(cout)

    def forward(self, x):
        n, _, h, w = x.shape
        k, s, p = self.k, self.stride, self.padding
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode="constant")
        f = self.weight.shape[0]
        ho, wo = 1 + (h + 2 * p - k) // s, 1 + (w + 2 * p - k) // s
        out = np.zeros((n, f, ho, wo), dtype=x.dtype)
        for i in range(ho):
            for j in range(wo):
                patch = self.xp[:, None, :, i * s : i * s + k, j * s : j * s + k]
                out[:, :, i, j] = np.sum(patch * self.weight[None], axis=(2, 3, 4))
        return out + self.bias[None, :, None, None]

    def backward(self, dout):
        k, s, p = self.k, self.stride, self.padding
        dxp = np.zeros_like(self.xp)
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = dout.sum(axis=(0, 2, 3))
        for n in range(dout.shape[0]):
            for f in range(dout.shape[1]):
                for i in range(dout.shape[2]):
                    for j in range(dout.shape[3]):
                        self.grad_weight[f] += (
                            self.xp[n, :, i * s : i * s + k, j * s : j * s + k] * dout[n, f, i, j]
                        )
                        dxp[n, :, i * s : i * s + k, j * s : j * s + k] += (
                            self.weight[f] * dout[n, f, i, j]
                        )
        if p:
            return dxp[:, :, p:-p, p:-p]
        return dxp


class MaxPool2d:
    def __init__(self, kernel_size, stride=None):
        self.k = kernel_size
        self.s = stride if stride else kernel_size

    def forward(self, x):
        self.x = x
        n, c, h, w = x.shape
        ho = (h - self.k) // self.s + 1
        wo = (w - self.k) // self.s + 1
        out = np.empty((n, c, ho, wo), x.dtype)
        for i in range(ho):
            for j in range(wo):
                out[:, :, i, j] = x[
                    :, :, i * self.s : i * self.s + self.k, j * self.s : j * self.s + self.k
                ].max(axis=(2, 3))
        return out

    def backward(self, g):
        dx = np.zeros_like(self.x)
        for n in range(g.shape[0]):
            for c in range(g.shape[1]):
                for i in range(g.shape[2]):
                    for j in range(g.shape[3]):
                        w = self.x[
                            n, c, i * self.s : i * self.s + self.k, j * self.s : j * self.s + self.k
                        ]
                        a, b = np.unravel_index(np.argmax(w), w.shape)
                        dx[n, c, i * self.s + a, j * self.s + b] += g[n, c, i, j]
        return dx


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, g):
        dx = g.copy()
        dx[self.x <= 0] = 0
        return dx


class LogSoftmax:
    def __init__(self, dim=1):
        self.dim = dim

    def forward(self, x):
        m = np.max(x, axis=self.dim, keepdims=True)
        self.out = x - m - np.log(np.sum(np.exp(x - m), axis=self.dim, keepdims=True))
        return self.out

    def backward(self, g):
        return g - np.exp(self.out) * np.sum(g, axis=self.dim, keepdims=True)


class NLLLoss:
    def forward(self, logp, y):
        assert y.shape == (len(logp),), "a class for each row"
        assert min(y) >= 0, "no such class"
        self.y = y
        self.shape = logp.shape
        self.dt = logp.dtype
        return -np.mean(logp[np.arange(len(y)), y])

    def backward(self, g=1.0):
        d = np.zeros(self.shape, self.dt)
        d[np.arange(len(self.y)), self.y] = -1 / len(self.y)
        return d * g


class Adamax:
    def __init__(self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-8):
        self.params = params
        self.lr = lr
        self.b1, self.b2 = betas
        self.eps = eps
        self.t = 0
        self.m = [np.zeros_like(p) for p in params]
        self.u = [np.zeros_like(p) for p in params]

    def step(self, grads):
        self.t += 1
        for i in range(len(self.params)):
            self.m[i] = self.b1 * self.m[i] + (1 - self.b1) * grads[i]
            self.u[i] = np.maximum(self.b2 * self.u[i], np.abs(grads[i]) + self.eps)
            self.params[i] -= self.lr / (1 - self.b1**self.t) * self.m[i] / self.u[i]

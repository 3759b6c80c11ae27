"""Right: pairs of functions; sums of shifted images, running maxima, masks, dictionaries."""

import numpy as np


def linear_forward(x, weight, bias):
    y = (weight @ x.T).T.copy()
    if bias is not None:
        y += bias[None, :]
    return y, {"x": x, "weight": weight, "biased": bias is not None}


def linear_backward(grad_output, cache):
    grad_weight = np.einsum("no,ni->oi", grad_output, cache["x"])
    grad_bias = np.add.reduce(grad_output) if cache["biased"] else None
    return (cache["weight"].T @ grad_output.T).T, grad_weight, grad_bias


def pair(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    """One matrix product for each place in the kernel."""
    if padding == "valid":
        padding = 0
    settings = (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    batch = x if x.ndim == 4 else x[None]
    padded = np.pad(batch, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    n, _, h, w = padded.shape
    o, per, kh, kw = weight.shape
    oh, ow = (h - dh * (kh - 1) - 1) // sh + 1, (w - dw * (kw - 1) - 1) // sw + 1
    y = np.zeros((n, groups, o // groups, oh, ow), x.dtype)
    grouped = padded.reshape(n, groups, per, h, w)
    kernels = weight.reshape(groups, o // groups, per, kh, kw)
    for u, v in np.ndindex(kh, kw):
        shifted = grouped[..., u * dh : u * dh + sh * (oh - 1) + 1 : sh, v * dw :: sw][..., :ow]
        y += np.einsum("ngchw,goc->ngohw", shifted, kernels[..., u, v])
    y = y.reshape(n, o, oh, ow)
    if bias is not None:
        y += bias[:, None, None]
    return (y if x.ndim == 4 else y[0]), (x, grouped, kernels, weight.shape, bias, settings)


def conv2d_backward(grad_output, cache):
    x, grouped, kernels, shape, bias, ((sh, sw), (ph, pw), (dh, dw)) = cache
    g = grad_output if x.ndim == 4 else grad_output[None]
    n, _, oh, ow = g.shape
    grad_bias = None if bias is None else g.sum(-1).sum(-1).sum(0)
    g = g.reshape(n, *kernels.shape[:2], oh, ow)
    grad, grad_kernels = np.zeros_like(grouped), np.zeros_like(kernels)
    for u, v in np.ndindex(kernels.shape[3:]):
        rows = slice(u * dh, u * dh + sh * (oh - 1) + 1, sh)
        columns = slice(v * dw, v * dw + sw * (ow - 1) + 1, sw)
        grad_kernels[..., u, v] = np.einsum("ngohw,ngchw->goc", g, grouped[..., rows, columns])
        grad[..., rows, columns] += np.einsum("ngohw,goc->ngchw", g, kernels[..., u, v])
    h, w = grouped.shape[3:]
    grad = grad.reshape(n, -1, h, w)[:, :, ph : h - ph, pw : w - pw]
    return grad.reshape(x.shape), grad_kernels.reshape(shape), grad_bias


def max_pool2d_forward(x, kernel_size, stride=None, padding=0, dilation=1):
    k, s, p, d = (pair(v) for v in (kernel_size, stride or kernel_size, padding, dilation))
    padded = np.full((*x.shape[:-2], x.shape[-2] + 2 * p[0], x.shape[-1] + 2 * p[1]), -np.inf)
    padded[..., p[0] : p[0] + x.shape[-2], p[1] : p[1] + x.shape[-1]] = x
    out = [
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(padded.shape[-2:], k, s, d, strict=True)
    ]
    best, winner = np.full((*x.shape[:-2], *out), -np.inf), np.zeros((*x.shape[:-2], *out), int)
    for number, (u, v) in enumerate(np.ndindex(*k)):
        rows = slice(u * d[0], u * d[0] + s[0] * (out[0] - 1) + 1, s[0])
        columns = slice(v * d[1], v * d[1] + s[1] * (out[1] - 1) + 1, s[1])
        here = padded[..., rows, columns]
        better = here > best
        best, winner = np.where(better, here, best), np.where(better, number, winner)
    return best.astype(x.dtype), (x.shape, padded.shape, winner, k, s, p, d)


def max_pool2d_backward(grad_output, cache):
    shape, padded, winner, k, s, p, d = cache
    grad = np.zeros(padded, grad_output.dtype)
    out = grad_output.shape[-2:]
    for number, (u, v) in enumerate(np.ndindex(*k)):
        rows = slice(u * d[0], u * d[0] + s[0] * (out[0] - 1) + 1, s[0])
        columns = slice(v * d[1], v * d[1] + s[1] * (out[1] - 1) + 1, s[1])
        grad[..., rows, columns] += grad_output * (winner == number)
    return grad[..., p[0] : p[0] + shape[-2], p[1] : p[1] + shape[-1]].copy()


def relu_forward(x):
    y = x.copy()
    y[x <= 0] = 0
    return y, x > 0


def relu_backward(grad_output, positive):
    grad = np.zeros_like(grad_output)
    grad[positive] = grad_output[positive]
    return grad


def log_softmax_forward(x, dim=1):
    p = np.exp(x - x.max(dim, keepdims=True))
    norm = p.sum(dim, keepdims=True)
    y = x - (x.max(dim, keepdims=True) + np.log(norm))
    return y, (p / norm, dim)


def log_softmax_backward(grad_output, cache):
    """Multiply by the Jacobian, one row at a time."""
    p, dim = cache
    p, g = np.moveaxis(p, dim, -1), np.moveaxis(grad_output, dim, -1)
    jacobian = np.eye(p.shape[-1]) - p[..., None, :]  # d y_i / d x_j
    return np.moveaxis((g[..., None, :] @ jacobian)[..., 0, :], -1, dim).astype(grad_output.dtype)


def nll_loss_forward(log_probs, target, weight=None, ignore_index=-100, reduction="mean"):
    """Classes in axis 1, whatever comes after it."""
    x = np.moveaxis(log_probs, 1, -1)
    if x.shape[:-1] != target.shape:
        raise ValueError(f"a target for each of {x.shape[:-1]}, not {target.shape}")
    classes = np.arange(x.shape[-1])
    if not np.isin(target, [*classes, ignore_index]).all():
        raise ValueError("no such class")
    w = (target[..., None] == classes) & (target[..., None] != ignore_index)
    w = w * (np.ones(len(classes), x.dtype) if weight is None else weight)
    w = w.astype(x.dtype)
    losses = -np.where(w != 0, w * np.where(w != 0, x, 0), 0).sum(-1)
    total = w.sum() if reduction == "mean" else 1
    result = losses if reduction == "none" else losses.sum() / total
    return result, (w, total)


def nll_loss_backward(grad_output, cache):
    w, total = cache
    g = np.expand_dims(grad_output, -1) if np.ndim(grad_output) else grad_output
    return np.moveaxis(-w * g / total, -1, 1).astype(w.dtype)


class Adamax:
    """Averages that are kept corrected; what belongs to a parameter is found by its identity."""

    def __init__(
        self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, maximize=False
    ):
        self.options = lr, betas, eps, weight_decay, maximize
        self.state = {id(p): {"p": p, "t": 0, "corrected": 0.0, "norm": 0.0} for p in params}

    def step(self, grads):
        lr, (beta1, beta2), eps, weight_decay, maximize = self.options
        for state, g in zip(self.state.values(), grads, strict=True):
            if g is None:
                continue
            p = state["p"]
            g = (-g if maximize else g.copy()) + weight_decay * p
            state["t"] += 1
            share = (1 - beta1) / (1 - beta1 ** state["t"])
            state["corrected"] = (1 - share) * state["corrected"] + share * g
            state["norm"] = np.fmax(beta2 * state["norm"], np.abs(g) + eps)
            np.subtract(p, lr * state["corrected"] / state["norm"], out=p)

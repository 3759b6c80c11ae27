"""Right: minigrad's Functions with a forward and a backward, a Module, and an Optimizer."""

import minigrad as torch
from minigrad import nn
from minigrad.autograd import Function


class Linear(Function):
    @staticmethod
    def forward(ctx, x, weight, bias=None):
        ctx.save_for_backward(x, weight)
        y = x @ weight.T
        return y if bias is None else y + bias

    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved_tensors
        return grad_output @ weight, grad_output.T @ x, grad_output.sum(0)


class Conv2d(nn.Module):
    """A sum over the kernel's places; the framework differentiates it."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.randn(out_channels)) if bias else None
        self.stride = stride

    def forward(self, x):
        kh, kw = self.weight.shape[2:]
        s = self.stride
        oh, ow = (x.shape[2] - kh) // s + 1, (x.shape[3] - kw) // s + 1
        x = x.permute(0, 2, 3, 1)
        y = 0
        for u in range(kh):
            for v in range(kw):
                part = x[:, u : u + s * (oh - 1) + 1 : s, v : v + s * (ow - 1) + 1 : s]
                y = y + part @ self.weight[:, :, u, v].T
        if self.bias is not None:
            y = y + self.bias
        return y.permute(0, 3, 1, 2)


class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        mask = (x > 0).to(x.dtype)
        ctx.save_for_backward(mask)
        return x * mask

    @staticmethod
    def backward(ctx, grad_output):
        (mask,) = ctx.saved_tensors
        return grad_output * mask


class LogSoftmax(Function):
    @staticmethod
    def forward(ctx, x, dim=1):
        y = x - x.max(dim, keepdim=True)[0]
        y = y - y.exp().sum(dim, keepdim=True).log()
        ctx.save_for_backward(y)
        ctx.dim = dim
        return y

    @staticmethod
    def backward(ctx, grad_output):
        (y,) = ctx.saved_tensors
        return grad_output - y.exp() * grad_output.sum(ctx.dim, keepdim=True), None


class Adamax(torch.optim.Optimizer):
    def __init__(self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                g = p.grad + group["weight_decay"] * p
                state = self.state[p]
                if not state:
                    state.update(t=0, m=torch.zeros_like(p), u=torch.zeros_like(p))
                state["t"] += 1
                state["m"] = state["m"] * beta1 + g * (1 - beta1)
                old, new = beta2 * state["u"], g.abs() + group["eps"]
                state["u"] = torch.where(old > new, old, new)
                p.sub_(group["lr"] / (1 - beta1 ** state["t"]) * state["m"] / state["u"])

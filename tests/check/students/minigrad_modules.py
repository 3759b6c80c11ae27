"""Right: Modules that compose tensor operations, a Function, and an Optimizer."""

import minigrad as torch
from minigrad import nn


class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(out_features, in_features))
        self.bias = nn.Parameter(torch.zeros(out_features)) if bias else None

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias


class ReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * (x > 0)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * (x > 0)


class LogSoftmax(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        return torch.log_softmax(x, self.dim)


class MaxPool2d(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.k = kernel_size

    def forward(self, x):
        k = self.k
        n, c, h, w = x.shape
        x = x[:, :, : h // k * k, : w // k * k]
        x = x.reshape(n, c, h // k, k, w // k, k).permute(0, 1, 2, 4, 3, 5)
        return x.reshape(n, c, h // k, w // k, k * k).max(-1)[0]


class Adamax(torch.optim.Optimizer):
    def __init__(self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state, g = self.state[p], p.grad
                t = state["t"] = state.get("t", 0) + 1
                m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
                u = abs(g) + group["eps"]
                if "u" in state:
                    old = beta2 * state["u"]
                    u = torch.where(old > u, old, u)
                state["u"] = u
                p -= group["lr"] / (1 - beta1**t) * m / u

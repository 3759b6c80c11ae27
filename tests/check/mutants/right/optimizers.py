"""Right: an Optimizer of minigrad."""

import minigrad as torch
from minigrad import zeros_like


def maximum(a, b):
    return torch.where(a > b, a, b)


# Adamax
class Adamax(torch.optim.Optimizer):
    def __init__(
        self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, maximize=False
    ):
        super().__init__(params, {})
        self.options = lr, betas, eps, weight_decay, maximize

    @torch.no_grad()
    def step(self):
        lr, (beta1, beta2), eps, weight_decay, maximize = self.options
        for p in self.param_groups[0]["params"]:
            g, state = p.grad, self.state[p]
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

"""tinygrad: the step under `TinyJit`, one for each size of batch, on the CPU."""

from typing import Any

import numpy as np

from experiments.benchmarks.peers import Trainer


def trainer(model: str, weights: list[np.ndarray], lr: float, weight_decay: float) -> Trainer:
    """Return the training of a network on Digits; Adamax as one of tinygrad's own optimizers."""
    import tinygrad
    from tinygrad import Tensor, TinyJit
    from tinygrad.nn.optim import Optimizer

    class Adamax(Optimizer):
        def __init__(self, params: list[Tensor]) -> None:
            super().__init__(params, lr)
            self.power = Tensor.ones((1,), device=self.device).contiguous()  # beta1 ** t
            self.m, self.u = self._new_optim_param(), self._new_optim_param()

        def _step(self, params: list[Any], grads: list[Any]) -> Any:
            self.power.assign(self.power * 0.9)
            updates = []
            for p, g, m, u in zip(params, grads, self.m, self.u, strict=True):
                g = g + weight_decay * p.detach()
                m.assign(0.9 * m + 0.1 * g)
                u.assign((0.999 * u).maximum(g.abs() + 1e-8))
                updates.append(self.lr / (1 - self.power) * m / u)
            return updates, [self.power, *self.m, *self.u]

    def dense(x: Any, p: list[Any]) -> Any:
        for w, b in zip(p[:-2:2], p[1:-2:2], strict=True):
            x = x.linear(w.T, b).relu()
        return x.linear(p[-2].T, p[-1]).log_softmax()

    def cnn(x: Any, p: list[Any]) -> Any:
        x = x.reshape(-1, 1, 8, 8)
        for w, b in (p[:2], p[2:4]):
            x = x.conv2d(w, b, padding=1).max_pool2d()
        return dense(x.flatten(1), p[4:])

    network = cnn if model == "cnn" else dense
    p = [Tensor(w, device="CPU").realize() for w in weights]
    for w in p:
        w.is_param_()
    optimizer = Adamax(p)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = network(x, p).nll_loss(y).backward()
        return loss.realize(*optimizer.schedule_step())

    jitted: dict[int, Any] = {}

    def train(x: Any, y: Any) -> float:
        n = x.shape[0]
        jitted.setdefault(n, TinyJit(step))
        with tinygrad.helpers.Context(TRAINING=1):
            return jitted[n](x, y).item()  # the next step writes into the same memory

    return Trainer(lambda x, y: (Tensor(x).realize(), Tensor(y.astype(np.int32)).realize()), train)

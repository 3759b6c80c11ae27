"""synapgrad: PyTorch's interface over NumPy. It has no Adamax."""

from typing import Any

import numpy as np

from experiments.benchmarks.peers import Trainer
from experiments.benchmarks.peers.adamax import Adamax


def trainer(model: str, weights: list[np.ndarray], lr: float, weight_decay: float) -> Trainer:
    """Return the training of a network on Digits."""
    import synapgrad
    from synapgrad.nn import functional as F

    p = [synapgrad.Tensor(w, requires_grad=True) for w in weights]
    optimizer = Adamax([w.data for w in p], lr, weight_decay)

    def dense(x: Any, p: list[Any]) -> Any:
        for w, b in zip(p[:-2:2], p[1:-2:2], strict=True):
            x = F.relu(F.linear(x, w, b))
        return F.log_softmax(F.linear(x, p[-2], p[-1]), 1)

    def cnn(x: Any, p: list[Any]) -> Any:
        x = x.reshape((-1, 1, 8, 8))
        for w, b in (p[:2], p[2:4]):
            x = F.max_pool2d(F.conv2d(x, w, b, padding=1), 2)
        return dense(x.reshape((x.shape[0], -1)), p[4:])

    network = cnn if model == "cnn" else dense

    def step(x: Any, y: Any) -> Any:
        for w in p:
            w.zero_()
        loss = F.nll_loss(network(x, p), y).mean()
        loss.backward()
        optimizer.step([w.grad.data for w in p])
        return loss.data

    return Trainer(lambda x, y: (synapgrad.Tensor(x), synapgrad.Tensor(y)), step)

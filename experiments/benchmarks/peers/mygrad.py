"""MyGrad: NumPy's functions with gradients, and some of a network's layers."""

from typing import Any

import numpy as np

from experiments.benchmarks.peers import Trainer
from experiments.benchmarks.peers.adamax import Adamax


def trainer(model: str, weights: list[np.ndarray], lr: float, weight_decay: float) -> Trainer:
    """Return the training of a network on Digits; its memory guard is off, as for speed it says."""
    import mygrad
    from mygrad.nnet.activations import relu
    from mygrad.nnet.layers import conv_nd, max_pool
    from mygrad.nnet.losses import softmax_crossentropy

    mygrad.turn_memory_guarding_off()
    p = [mygrad.tensor(w, copy=False) for w in weights]
    optimizer = Adamax([w.data for w in p], lr, weight_decay)

    def dense(x: Any, p: list[Any]) -> Any:
        for w, b in zip(p[:-2:2], p[1:-2:2], strict=True):
            x = relu(x @ w.T + b)
        return x @ p[-2].T + p[-1]

    def cnn(x: Any, p: list[Any]) -> Any:
        x = x.reshape(-1, 1, 8, 8)
        for w, b in (p[:2], p[2:4]):
            x = conv_nd(x, w, stride=1, padding=1) + b.reshape(1, -1, 1, 1)
            x = max_pool(x, (2, 2), 2)
        return dense(x.reshape(len(x), -1), p[4:])

    network = cnn if model == "cnn" else dense

    def step(x: np.ndarray, y: np.ndarray) -> Any:
        loss = softmax_crossentropy(network(x, p), y)
        loss.backward()
        optimizer.step([w.grad for w in p])
        for w in p:
            w.null_grad()
        return loss.data

    return Trainer(lambda x, y: (x, y), step)

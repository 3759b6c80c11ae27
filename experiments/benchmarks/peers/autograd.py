"""HIPS autograd: gradients of NumPy code; its own example of a convolutional network, and Adamax.

https://github.com/HIPS/autograd/blob/master/examples/convnet.py
"""

from typing import Any

import numpy as np

from experiments.benchmarks.peers import Trainer
from experiments.benchmarks.peers.adamax import Adamax


def trainer(model: str, weights: list[np.ndarray], lr: float, weight_decay: float) -> Trainer:
    """Return the training of a network on Digits."""
    from autograd import numpy as anp
    from autograd import value_and_grad
    from autograd.scipy.signal import convolve
    from autograd.scipy.special import logsumexp

    def conv(x: Any, w: Any, b: Any) -> Any:  # x (B, C, H, W), w (O, C, 3, 3), b (O,)
        x = anp.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), "constant")
        w = w[:, :, ::-1, ::-1]  # it convolves: it flips the kernel
        y = convolve(x, w, axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")
        return y + b.reshape(1, -1, 1, 1)

    def pool(x: Any) -> Any:
        n, c, h, w = x.shape
        return anp.max(anp.max(x.reshape(n, c, h // 2, 2, w // 2, 2), axis=3), axis=4)

    def dense(x: Any, p: list[Any]) -> Any:
        for w, b in zip(p[:-2:2], p[1:-2:2], strict=True):
            x = anp.maximum(x @ w.T + b, 0)
        x = x @ p[-2].T + p[-1]
        return x - logsumexp(x, axis=1, keepdims=True)

    def cnn(x: Any, p: list[Any]) -> Any:
        x = x.reshape(-1, 1, 8, 8)
        for w, b in (p[:2], p[2:4]):
            x = pool(conv(x, w, b))
        return dense(x.reshape(len(x), -1), p[4:])

    network = cnn if model == "cnn" else dense
    loss_and_grads = value_and_grad(lambda p, x, y: -anp.mean(network(x, p)[anp.arange(len(y)), y]))
    optimizer = Adamax(weights, lr, weight_decay)

    def step(x: np.ndarray, y: np.ndarray) -> Any:
        loss, grads = loss_and_grads(weights, x, y)
        optimizer.step(grads)
        return loss

    return Trainer(lambda x, y: (x, y), step)

"""SmallPebble: a NumPy autograd in one file. Images are channels-last; the loss is a sum."""

from typing import Any

import numpy as np

from experiments.benchmarks.peers import Trainer
from experiments.benchmarks.peers.adamax import Adamax


def trainer(model: str, weights: list[np.ndarray], lr: float, weight_decay: float) -> Trainer:
    """Return the training of a network on Digits; SmallPebble's relu is its leaky one, alpha 0."""
    import smallpebble as sp

    # Kernels (O, C, 3, 3) -> (3, 3, C, O), weights (out, in) -> (in, out).
    arrays = [w.transpose(*range(2, w.ndim), 1, 0) if w.ndim > 1 else w for w in weights]
    arrays = [np.ascontiguousarray(w) for w in arrays]
    p = [sp.Variable(w) for w in arrays]
    optimizer = Adamax(arrays, lr, weight_decay)

    def dense(x: Any, p: list[Any]) -> Any:
        for w, b in zip(p[:-2:2], p[1:-2:2], strict=True):
            x = sp.leaky_relu(sp.add(sp.matmul(x, w), b), alpha=0)
        return sp.softmax(sp.add(sp.matmul(x, p[-2]), p[-1]))

    def cnn(x: Any, p: list[Any]) -> Any:
        n = len(x.array)
        x = sp.reshape(x, (n, 8, 8, 1))
        for w, b in (p[:2], p[2:4]):
            x = sp.maxpool2d(sp.add(sp.conv2d(x, w), b), 2, 2, strides=[2, 2])
        return dense(sp.reshape(x, (n, -1)), p[4:])

    if model == "cnn":  # its linear layer sees pixels in the order (2, 2, 64), not (64, 2, 2)
        arrays[4][:] = arrays[4].reshape(64, 2, 2, -1).transpose(1, 2, 0, 3).reshape(256, -1)
    network = cnn if model == "cnn" else dense

    def step(x: np.ndarray, y: np.ndarray) -> float:
        total = sp.cross_entropy(network(sp.Variable(x), p), y)
        loss = sp.div(total, sp.Variable(np.float32(len(y))))
        gradients = sp.get_gradients(loss)
        optimizer.step([gradients[w] for w in p])
        return loss.array

    return Trainer(lambda x, y: (x, y), step)

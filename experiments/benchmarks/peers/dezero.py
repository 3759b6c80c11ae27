"""DeZero, the framework of a book that builds one: PyTorch's shapes, and no Adamax."""

from typing import Any

import numpy as np

from experiments.benchmarks.peers import Trainer
from experiments.benchmarks.peers.adamax import Adamax


def trainer(model: str, weights: list[np.ndarray], lr: float, weight_decay: float) -> Trainer:
    """Return the training of a network on Digits."""
    np.int = int  # a name that NumPy has dropped since, and DeZero's import asks for
    import dezero
    from dezero import functions as F

    # Weights (out, in) -> (in, out); kernels stay (O, C, 3, 3).
    arrays = [np.ascontiguousarray(w.T) if w.ndim == 2 else w for w in weights]
    p = [dezero.Parameter(w) for w in arrays]
    optimizer = Adamax(arrays, lr, weight_decay)

    def dense(x: Any, p: list[Any]) -> Any:
        for w, b in zip(p[:-2:2], p[1:-2:2], strict=True):
            x = F.relu(F.linear(x, w, b))
        return F.linear(x, p[-2], p[-1])

    def cnn(x: Any, p: list[Any]) -> Any:
        x = F.reshape(x, (-1, 1, 8, 8))
        for w, b in (p[:2], p[2:4]):
            x = F.pooling(F.conv2d(x, w, b, pad=1), 2, 2)
        return dense(F.reshape(x, (len(x), -1)), p[4:])

    network = cnn if model == "cnn" else dense

    def step(x: np.ndarray, y: np.ndarray) -> Any:
        for w in p:
            w.cleargrad()
        loss = F.softmax_cross_entropy(network(x, p), y)
        loss.backward()
        optimizer.step([w.grad.data for w in p])
        return loss.data

    return Trainer(lambda x, y: (x, y), step)

"""JAX: the whole step under `jit`, the optimizer included."""

from typing import Any

import numpy as np

from experiments.benchmarks.peers import Trainer


def trainer(model: str, weights: list[np.ndarray], lr: float, weight_decay: float) -> Trainer:
    """Return the training of a network on Digits; images are channels-last, as XLA likes them."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    def conv(x: Any, w: Any, b: Any) -> Any:  # x (B, H, W, C), w (3, 3, C, O)
        layout = ("NHWC", "HWIO", "NHWC")
        return lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=layout) + b

    def pool(x: Any) -> Any:
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def dense(x: Any, p: list[Any]) -> Any:  # weights (in, out)
        for w, b in zip(p[:-2:2], p[1:-2:2], strict=True):
            x = jax.nn.relu(x @ w + b)
        return jax.nn.log_softmax(x @ p[-2] + p[-1])

    def cnn(x: Any, p: list[Any]) -> Any:
        x = x.reshape(-1, 8, 8, 1)
        for w, b in (p[:2], p[2:4]):
            x = pool(conv(x, w, b))
        return dense(x.transpose(0, 3, 1, 2).reshape(len(x), -1), p[4:])  # PyTorch's order

    network = cnn if model == "cnn" else dense

    def loss(p: list[Any], x: Any, y: Any) -> Any:
        return -jnp.take_along_axis(network(x, p), y[:, None], 1).mean()

    @jax.jit
    def step(p: list[Any], m: list[Any], u: list[Any], t: Any, x: Any, y: Any) -> Any:
        value, grads = jax.value_and_grad(loss)(p, x, y)
        grads = [g + weight_decay * w for g, w in zip(grads, p, strict=True)]
        m = [0.9 * a + 0.1 * g for a, g in zip(m, grads, strict=True)]
        u = [jnp.maximum(0.999 * a, abs(g) + 1e-8) for a, g in zip(u, grads, strict=True)]
        rate = lr / (1 - 0.9**t)
        p = [w - rate * a / b for w, a, b in zip(p, m, u, strict=True)]
        return p, m, u, t + 1, value

    def transposed(w: np.ndarray) -> np.ndarray:  # (out, in, ...) -> (..., in, out)
        return w.transpose(*range(2, w.ndim), 1, 0) if w.ndim > 1 else w

    p = [jnp.asarray(transposed(w)) for w in weights]
    zeros = [jnp.zeros_like(w) for w in p]
    state = (p, zeros, zeros, jnp.float32(1))

    def train(x: Any, y: Any) -> Any:
        nonlocal state
        *state, value = step(*state, x, y)
        return value

    return Trainer(lambda x, y: (jnp.asarray(x), jnp.asarray(y, jnp.int32)), train)

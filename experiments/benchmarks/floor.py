"""The floor: the matrix products alone that a training step cannot do without, in NumPy."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from experiments.benchmarks import layers, svhn_step
from experiments.benchmarks.digits import MODELS, settings, steps_key
from experiments.benchmarks.layers import at_work
from experiments.benchmarks.row import Key
from experiments.benchmarks.side import Work
from experiments.benchmarks.stopwatch import stopwatch

FLOOR = "products alone"  # how it is named beside the libraries


class Product(NamedTuple):
    """A layer's products: x (rows, size) times w (outputs, size), transposed, and back.

    The rows of a convolution are its patches: one for each pixel of the output.
    """

    rows: int
    size: int
    outputs: int
    needs_input_grad: bool

    @property
    def flop(self) -> int:
        """The additions and multiplications, forward and backward."""
        return (3 if self.needs_input_grad else 2) * 2 * self.rows * self.size * self.outputs


def products(network, shape: tuple[int, ...]) -> Iterator[Product]:
    """Yield what a training step of a network on a batch of a shape multiplies.

    >>> from pt_reference.networks import mlp
    >>> next(products(mlp, (64, 64)))
    Product(rows=64, size=64, outputs=128, needs_input_grad=False)
    """
    from experiments.backend import Backend

    for layer, x, y in at_work(Backend("minigrad"), network, shape):
        if hasattr(layer, "weight"):
            outputs = len(layer.weight)
            rows, size = y.numel() // outputs, layer.weight.numel() // outputs
            yield Product(rows, size, outputs, x.requires_grad)


class Multiply:
    """The products of a layer, on arrays that lie as in training, into memory that is there.

    y = x w^T,  grad_w = grad_y^T x,  grad_x = grad_y w
    """

    def __init__(self, product: Product) -> None:
        rng = np.random.default_rng(0)
        rows, size, outputs, self.needs_input_grad = product
        self.x = rng.standard_normal((rows, size), np.float32)
        self.w = rng.standard_normal((outputs, size), np.float32)
        self.y = rng.standard_normal((rows, outputs), np.float32)
        self.grad_x, self.grad_w = np.empty_like(self.x), np.empty_like(self.w)

    def __call__(self) -> None:
        """Do them."""
        np.matmul(self.x, self.w.T, out=self.y)
        np.matmul(self.y.T, self.x, out=self.grad_w)
        if self.needs_input_grad:
            np.matmul(self.y, self.w, out=self.grad_x)


def step(network, shape: tuple[int, ...]) -> list[Multiply]:
    """Return the products of a step."""
    return [Multiply(product) for product in products(network, shape)]


def epochs() -> dict[Key, Work]:
    """Return the products of an epoch of each network on Digits: full batches, and a short one."""
    images, batch = 1000, settings().batch_size
    works = {}
    for model, network in MODELS.items():
        full, last = step(network, (batch, 64)), step(network, (images % batch, 64))
        all_products = images // batch * full + last
        works[steps_key(model)] = Work(stopwatch(lambda p=all_products: [do() for do in p]))
    return works


def svhn() -> dict[Key, Work]:
    """Return the products of a step of the SVHN network."""
    network, shape = layers.ASSIGNMENT["SVHN"]
    all_products = step(network, shape)
    return {svhn_step.STEP: Work(stopwatch(lambda: [do() for do in all_products]))}

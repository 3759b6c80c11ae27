"""What is timed of layers: forward and backward, at the assignment's shapes and at others."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from experiments.backend import Backend
from experiments.benchmarks.row import Key
from experiments.benchmarks.side import Work
from experiments.benchmarks.stopwatch import stopwatch
from pt_reference import networks

# The network, the shape of its batch.
ASSIGNMENT = {
    "MLP": (networks.mlp, (64, 64)),
    "CNN": (networks.cnn, (64, 64)),
    "SVHN": (networks.svhn, (256, 3, 32, 32)),
}
SHAPELESS = ("Flatten", "Unflatten")  # they compute nothing

# How the cost grows: of one size at a time, the others stay at what is given here.
CONV = {"batch": 32, "image": 16, "channels": 16}
CONV_SIZES = {"batch": (8, 16, 32, 64, 128), "image": (8, 16, 32, 64), "channels": (8, 16, 32, 64)}
LINEAR = {"batch": 64, "features": 256}
LINEAR_SIZES = {"batch": (16, 64, 256, 1024), "features": (64, 128, 256, 512, 1024)}


def layers(framework: str) -> dict[Key, Work]:
    """Return each layer of the assignment's networks, forward and backward, at its shapes there."""
    works = {}
    for network, shape in ASSIGNMENT.values():
        for layer, x, y in at_work(Backend(framework), network, shape):
            outputs = f" to {y.shape[1]}" if hasattr(layer, "weight") else ""
            seen = "x".join(map(str, x.shape))
            works |= both_ways("layers", f"{type(layer).__name__} {seen}{outputs}", layer, x)
    return works


def slopes(framework: str) -> dict[Key, Work]:
    """Return layers at sizes that grow, one at a time."""
    backend, works = Backend(framework), {}
    torch, nn = backend.framework, backend.nn
    for axis, sizes in CONV_SIZES.items():
        for size in sizes:
            n, side, c = (CONV | {axis: size}).values()
            layer = nn.Sequential(nn.Conv2d(c, c, 3, padding="same"), nn.MaxPool2d(2))
            x = torch.randn(n, c, side, side).requires_grad_()
            works |= both_ways("slopes", f"Conv2d and MaxPool2d by {axis}", layer, x, size)
    for axis, sizes in LINEAR_SIZES.items():
        for size in sizes:
            n, features = (LINEAR | {axis: size}).values()
            x = torch.randn(n, features).requires_grad_()
            layer = nn.Linear(features, features)
            works |= both_ways("slopes", f"Linear by {axis}", layer, x, size)
    return works


def adamax(framework: str) -> dict[Key, Work]:
    """Return a step of Adamax on each network, whose gradients are there."""
    backend, works = Backend(framework), {}
    for name, (network, shape) in ASSIGNMENT.items():
        backend.framework.manual_seed(0)
        model = network(backend.nn)
        model(backend.framework.randn(*shape)).sum().backward()
        optimizer = backend.adamax(model, 1e-3, 1e-5)
        works[Key("adamax", f"Adamax, {name}")] = Work(stopwatch(optimizer.step))
    return works


def at_work(
    backend: Backend, network: Callable[..., Any], shape: tuple[int, ...]
) -> Iterator[tuple[Any, Any, Any]]:
    """Send a batch through a network; yield each layer with what it sees and what it makes of it.

    As in training, what the first layer sees needs no gradient. The last layer is the loss.
    """
    torch, nn = backend.framework, backend.nn
    torch.manual_seed(0)
    x, labels = torch.randn(*shape), torch.arange(shape[0]) % 10
    needs_grad = False
    for layer in network(nn):
        x = x.detach()
        if type(layer).__name__ in SHAPELESS:
            x = layer(x)
            continue
        x.requires_grad_(needs_grad)
        y = layer(x)
        yield layer, x, y
        x, needs_grad = y, True
    loss = Loss(nn.NLLLoss(), labels)
    x = x.detach().requires_grad_()
    yield loss, x, loss(x)


class Loss:
    """The mean negative log-likelihood of labels, as a layer."""

    def __init__(self, loss: Any, labels: Any) -> None:
        self.loss, self.labels = loss, labels

    def __call__(self, log_p: Any) -> Any:
        """Return the loss of log-probabilities (B, 10)."""
        return self.loss(log_p, self.labels)

    def zero_grad(self) -> None:
        """Do nothing: it has no parameters."""


Loss.__name__ = "NLLLoss"  # as it is shown


def both_ways(group: str, what: str, layer: Any, x: Any, size: int | None = None) -> Any:
    """Return a layer's way forward, recorded as in training, and its way back."""
    return {
        Key(group, f"{what}, forward", size): Work(stopwatch(partial(layer, x))),
        Key(group, f"{what}, backward", size): Work(partial(backward_seconds, layer, x)),
    }


def backward_seconds(layer: Any, x: Any) -> float:
    """Return the seconds of a backward pass alone, from a gradient laid out as the output is."""
    y = layer(x)
    grad = y.detach()
    layer.zero_grad()
    x.grad = None
    start = time.perf_counter()
    y.backward(grad)
    return time.perf_counter() - start

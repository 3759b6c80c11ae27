"""Finding what each layer of a network saves for backward, in either framework.

In PyTorch `torch.autograd.graph.saved_tensors_hooks` shows what is saved, and what it hands out
for that is dropped when the graph lets go. In minigrad the recorded operations themselves are
looked at: all arrays that an operation holds are saved, also those that it keeps beside
`ctx.save_for_backward`. Python says when the last holder of one is gone.
"""

import tracemalloc
import weakref
from collections.abc import Iterable, Iterator
from time import perf_counter_ns
from typing import Any

import numpy as np

from experiments.profiling.memory import BETWEEN, Layer, Memory, Save
from minigrad.autograd.profiler import profile


class Watch:
    """Which layer of a network is at work: a module that has no modules within."""

    def __init__(self, network: Any) -> None:
        self.layers: list[Layer] = []
        self.now = BETWEEN
        for name, module in network.named_modules():
            if not [*module.children()]:
                module.register_forward_pre_hook(self._entering(f"{name} {type(module).__name__}"))
                module.register_forward_hook(self._leaving)

    def _entering(self, layer: Layer) -> Any:
        def enter(module: Any, inputs: Any) -> None:
            for made in inputs:
                self.see(made)
            self.now = layer
            self.layers.append(layer)

        return enter

    def _leaving(self, module: Any, inputs: Any, output: Any) -> None:
        self.see(output)
        self.now = BETWEEN

    def see(self, made: Any) -> None:
        """Look at what has been made since the last look."""


def in_torch(network: Any, x: Any, y: Any) -> Memory:
    """Return what PyTorch saves in a step of `network`, whose result is the loss of a batch."""
    import torch

    watch, saves, freed = Watch(network), [], {}

    class Held:
        """A saved tensor, as the graph holds it."""

        def __init__(self, tensor: Any) -> None:
            self.tensor, self.layer = tensor, watch.now
            self.storage = tensor.untyped_storage().data_ptr()
            saves.append(Save(self.layer, self.storage, tensor.untyped_storage().nbytes()))

        def __del__(self) -> None:
            freed[self.storage] = self.layer  # the last to let go stays

    with torch.autograd.graph.saved_tensors_hooks(Held, lambda held: held.tensor):
        loss = network(x, y)
    owners = {x.untyped_storage().data_ptr(): "the images"}
    owners[y.untyped_storage().data_ptr()] = "the labels"
    owners |= {p.untyped_storage().data_ptr(): name for name, p in network.named_parameters()}
    loss.backward()
    at_end = dict(freed)  # before the loss is gone
    return Memory(watch.layers, saves, owners, at_end)


class WatchNodes(Watch):
    """Which layer recorded each operation, of minigrad's."""

    def __init__(self, network: Any) -> None:
        super().__init__(network)
        self.layer_of: dict[Any, Layer] = {}

    def see(self, made: Any) -> None:
        """Give the operations that nobody has yet to the layer at work."""
        waiting = [made.grad_fn]
        while waiting:
            node = waiting.pop()
            if node is not None and node.next_functions and node not in self.layer_of:
                self.layer_of[node] = self.now
                waiting += [before for before, _ in node.next_functions]


def in_minigrad(network: Any, x: Any, y: Any) -> Memory:
    """Return what minigrad saves in a step of `network`, whose result is the loss of a batch."""
    peak = peak_of(network, x, y)
    watch = WatchNodes(network)
    loss = network(x, y)
    watch.see(loss)
    nodes = sorted(watch.layer_of, key=lambda node: node.order)
    owners = {address(x.numpy()): "the images", address(y.numpy()): "the labels"}
    owners |= {address(p.detach().numpy()): name for name, p in network.named_parameters()}
    saves = [save for node in nodes for save in saves_of(node, watch.layer_of[node], owners)]
    let_go: dict[int, float] = {}  # from a storage to when, by the profiler's clock
    for root in {id(root): root for node in nodes for root in map(root_of, held_by(node))}.values():
        weakref.finalize(root, lambda key: let_go.update({key: perf_counter_ns()}), address(root))
    del root
    with profile() as prof:
        loss.backward()
    times = dict(let_go)  # before the loss is gone
    ends = [e.end_ns for e in prof.function_events if e.name.endswith("Backward")]
    layers = [watch.layer_of[node] for node in reversed(nodes)]  # in the order of the walk
    freed = {key: layers[np.searchsorted(ends, when) - 1] for key, when in times.items()}
    return Memory(watch.layers, saves, owners, freed, peak)


def saves_of(node: Any, layer: Layer, owners: dict[int, str]) -> Iterator[Save]:
    """Yield what a recorded operation saves."""
    for array in held_by(node):
        root = root_of(array)
        # A parameter may lie in one memory with others: it is known by its own address.
        known = address(array) in owners
        yield Save(layer, address(array) if known else address(root), root.nbytes)


def peak_of(network: Any, x: Any, y: Any) -> int:
    """Return the most that a step has allocated at a time: saved arrays, gradients and all else."""
    tracemalloc.start()
    try:
        network(x, y).backward()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        network.zero_grad()


def held_by(node: Any) -> Iterator[np.ndarray]:
    """Yield the arrays that a recorded operation holds, whatever the attribute."""
    return arrays_in(value for name, value in vars(node).items() if name != "edges")


def arrays_in(values: Iterable[Any]) -> Iterator[np.ndarray]:
    """Yield the arrays among values, also those within tensors, tuples and lists."""
    for value in values:
        array = getattr(value, "_array", value)  # a tensor's
        if isinstance(array, np.ndarray):
            yield array
        elif isinstance(value, tuple | list):
            yield from arrays_in(value)


def root_of(array: np.ndarray) -> np.ndarray:
    """Return the array whose memory a view shows.

    >>> whole = np.zeros((4, 2))
    >>> root_of(whole[1:].T) is whole
    True
    """
    base = getattr(array, "base", None)
    return root_of(base) if base is not None and hasattr(base, "__array_interface__") else array


def address(array: np.ndarray) -> int:
    """Return where an array begins in memory."""
    return array.__array_interface__["data"][0]

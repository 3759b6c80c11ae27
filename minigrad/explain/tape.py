"""A tape: the operations of a forward pass, written down while it runs.

The graph keeps what backward needs, and no more: not the arguments, and not the numbers of which
no derivative asks. So for as long as a tape is running, ``apply`` itself is another one, which
writes down every operation on tensors. At other times nothing here costs anything.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable
from typing import Any

from minigrad.array_function import ArrayFunction
from minigrad.explain.parts import Step, Value
from minigrad.function import Function, FunctionCtx
from minigrad.grad_mode import enable_grad
from minigrad.graph import AccumulateGrad, Edge, Node
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class Tape:
    """Values by their key, steps in order, and the step of each node of the graph."""

    def __init__(self) -> None:
        self.values: dict[Hashable, Value] = {}
        self.steps: list[Step] = []
        self.step_of: dict[Node, Step] = {}
        self.names: dict[Tensor, str] = {}  # of parameters and inputs
        self._modules: list[str] = []  # those that are running, the innermost last
        self.is_inside = False  # an operation, which may call others
        self._alive: list[Any] = []  # so that no id is given twice

    def value(self, tensor: Tensor, kind: str = "constant") -> Value:
        """Return the value of a tensor, of the ``kind`` given if it is a new one."""
        where = key(tensor)
        if where not in self.values:
            self._alive.append(tensor)
            if tensor._requires_grad and tensor.is_leaf:
                kind = "parameter"
            array = tensor._array
            self.values[where] = Value(
                self.names.get(tensor, ""), kind, array.shape, array.dtype, array.copy("K")
            )
        return self.values[where]

    def at(self, edge: Edge) -> Value:
        """Return the value that an edge leads to; its numbers may be lost."""
        node, position, shape, dtype = edge
        if (node, position) not in self.values:
            self.values[node, position] = Value("", "intermediate", shape, dtype, None)
        return self.values[node, position]

    def follow(self, path: str, module: Module) -> list[Any]:
        """Note which module is running; return the handles of the hooks that do so."""

        def begin(module: Module, args: Any) -> None:
            self._modules.append(path)

        def end(module: Module, args: Any, output: Any) -> None:
            self._modules.pop()

        return [module.register_forward_pre_hook(begin), module.register_forward_hook(end)]

    def write(self, function: type[Function], args: tuple[Any, ...], result: Any) -> None:
        """Add an operation, after it has run."""
        arguments = {
            name: self.value(arg) if isinstance(arg, Tensor) else arg
            for name, arg in zip(argument_names(function, len(args)), args, strict=True)
        }
        outputs = result if isinstance(result, tuple) else (result,)
        values = [self.value(output, "intermediate") for output in outputs]
        node = outputs[0].grad_fn
        edges = node.edges if node is not None else [None] * len(args)
        needed = [name for name, edge in zip(arguments, edges, strict=True) if edge is not None]
        module = self._modules[-1] if self._modules else ""
        step = Step(function, module, arguments, values, needed)
        self.steps.append(step)
        if node is not None:
            self.step_of[node] = step


def record(function: Callable[..., Any], inputs: tuple[Any, ...]) -> tuple[Tape, Any]:
    """Call ``function`` on the ``inputs``; return the tape of what ran, and the result."""
    tape = Tape()
    handles: list[Any] = []
    call = function.forward if isinstance(function, Module) else function
    for name, value in inspect.signature(call).bind(*inputs).arguments.items():
        several = isinstance(value, tuple)  # of *args
        for k, tensor in enumerate(value if several else [value]):
            if isinstance(tensor, Tensor):
                tape.names[tensor] = f"{name}[{k}]" if several else name
                tape.value(tensor).kind = "input"
    if isinstance(function, Module):
        for name, parameter in function.named_parameters():
            tape.names[parameter] = name
        for path, module in function.named_modules():
            handles += tape.follow(path, module)
    originals = {kind: kind.__dict__["apply"] for kind in (Function, ArrayFunction)}
    try:
        for kind, original in originals.items():
            kind.apply = classmethod(_writing(original.__func__, tape))  # type: ignore[assignment]
        return tape, function(*inputs)
    finally:
        for kind, original in originals.items():
            kind.apply = original  # type: ignore[method-assign]
        for handle in handles:
            handle.remove()


def _writing(apply: Callable[..., Any], tape: Tape) -> Callable[..., Any]:
    """Return an ``apply`` that also writes down what it did, unless another one called it."""

    def apply_and_write(cls: type[Function], *args: Any) -> Any:
        if tape.is_inside or not any([isinstance(arg, Tensor) for arg in args]):
            return apply(cls, *args)
        tape.is_inside = True
        try:
            result = apply(cls, *args)
        finally:
            tape.is_inside = False
        tape.write(cls, args, result)
        return result

    return apply_and_write


def remembered(loss: Tensor) -> Tape:
    """Return the tape of a loss that is there already: what its graph remembers of the pass."""
    tape = Tape()
    tape.value(loss, "intermediate")
    nodes: set[FunctionCtx] = set()
    edges: list[Edge] = []
    waiting: list[Node] = [loss._source()[0]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, AccumulateGrad) and node.variable is not None:
            tape.value(node.variable)
        elif isinstance(node, FunctionCtx) and node not in nodes:
            nodes.add(node)
            for edge in node.edges:
                if edge is not None:
                    waiting.append(edge[0])
                    edges.append(edge)
            with enable_grad():  # so that they come as tensors, which know where they are from
                for saved in node.saved_tensors:
                    if isinstance(saved, Tensor) and saved._requires_grad:
                        tape.value(saved, "intermediate")
    for edge in edges:  # after all that has numbers
        tape.at(edge)
    for node in sorted(nodes, key=lambda node: node.order):
        names = argument_names(node.function, len(node.edges))
        inputs = {
            name: tape.at(edge)
            for name, edge in zip(names, node.edges, strict=True)
            if edge is not None
        }
        positions = range(node.output_count)
        outputs = [tape.values[node, k] for k in positions if (node, k) in tape.values]
        tape.steps.append(Step(node.function, "", dict(inputs), outputs, list(inputs)))
        tape.step_of[node] = tape.steps[-1]
    return tape


def key(tensor: Tensor) -> Hashable:
    """Return what tells a tensor's value from all others: the place in the graph that it is from.

    It changes where the tensor is changed in place. Without a graph, the count of changes does.
    """
    return tensor._source()[:2] if tensor._requires_grad else (id(tensor), tensor._version)


def argument_names(function: type[Function], count: int) -> list[str]:
    """Return the names of the arguments of ``forward``: of ``*tensors``, tensors[0] and so on."""
    names: list[str] = []
    for name, parameter in list(inspect.signature(function.forward).parameters.items())[1:]:
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{name}[{k}]" for k in range(count - len(names))]
        else:
            names.append(name)
    return names[:count]

"""trace(): all values and steps of one pass, and who contributed what to each gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.explain.axes import name_axes
from minigrad.explain.parts import Step, Trace, Value
from minigrad.explain.tape import record, remembered
from minigrad.explain.updates import work_out
from minigrad.explain.walk import walk
from minigrad.optim.optimizer import Optimizer
from minigrad.tensor import Tensor


def trace(
    loss: Tensor | Callable[..., Tensor], *inputs: Any, optimizer: Optimizer | None = None
) -> Trace:
    """Follow the gradient of a loss back to everything it was computed from.

    ``loss`` is a model or function that returns one: it is called with the ``inputs`` and watched,
    so that every value is known. Or it is a loss that is there already, before its ``backward``:
    then the trace holds what the graph remembers, which is what backward needs and no more.

    No ``grad`` and no parameter is changed, and the graph can be walked again. With an
    ``optimizer``, the next step that it would do is worked out for each parameter.

    Raises TypeError where there is no loss, RuntimeError where it is not a single number, needs no
    gradient, or has been walked by a ``backward`` that freed its graph.

    >>> import minigrad
    >>> x = minigrad.tensor(3.0, requires_grad=True)
    >>> found = trace(lambda x: x * x + x, x).values[0]
    >>> [c.array.item() for c in found.contributions], found.grad.item()
    ([1.0, 3.0, 3.0], 7.0)
    """
    if isinstance(loss, Tensor):
        if inputs:
            raise TypeError("inputs are for a model or a function; a loss is there already")
        tape, root = remembered(loss), loss
    elif callable(loss):
        tape, root = record(loss, inputs)
    else:
        raise TypeError(f"a loss is a Tensor, or what returns one, not {type(loss).__name__}")
    if not isinstance(root, Tensor):
        raise TypeError(f"the loss must be a Tensor, but what was called returned {root!r:.60}")
    if not root._requires_grad:
        raise RuntimeError("the loss does not require grad: nothing that it was made from does")
    if root._array.size != 1:
        raise RuntimeError(
            "a gradient is that of a single number, but the loss has the shape "
            f"{tuple(root.shape)}: take its sum() or mean()"
        )
    backward = walk(root, tape)
    steps = _needed(tape.value(root), tape.steps)
    values = _in_order(tape.value(root), steps)
    _name(values, tape.value(root))
    name_axes(steps)
    if optimizer is not None:
        work_out(optimizer, tape.values)
    return Trace(tape.value(root), values, steps, backward, recorded=root is not loss)


def _needed(loss: Value, steps: list[Step]) -> list[Step]:
    """Return the steps on which the loss depends."""
    wanted, needed = {loss}, []
    for step in reversed(steps):
        if wanted.intersection(step.outputs):
            needed.append(step)
            wanted.update(step.inputs.values())
    return needed[::-1]


def _in_order(loss: Value, steps: list[Step]) -> list[Value]:
    """Return each value once, in the order in which the steps meet them."""
    met = [value for step in steps for value in (*step.inputs.values(), *step.outputs)]
    return list(dict.fromkeys([*met, loss]))


def _name(values: list[Value], loss: Value) -> None:
    """Name what has no name: h1, h2, ... what was computed, p1, ... parameters, c1, ... others."""
    taken = {value.name for value in values}
    letters = {"intermediate": "h", "parameter": "p", "input": "x", "constant": "c"}
    counts = dict.fromkeys(letters, 0)
    for value in values:
        if value is loss and value.kind == "intermediate" and "loss" not in taken:
            value.name = "loss"
        while not value.name:
            counts[value.kind] += 1
            name = f"{letters[value.kind]}{counts[value.kind]}"
            value.name = "" if name in taken else name

"""How a function and its backward behave: what a comparison of derivatives does not show.

Each check raises GradcheckError, and says what was seen and what to change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigrad._gradcheck.vector_function import VectorFunction
from minigrad.array_function import ArrayCtx
from minigrad.gradcheck import GradcheckError
from minigrad.graph import AccumulateGrad, Gradient, Node
from minigrad.tensor import Array, Tensor


def forward_twice(f: VectorFunction, tolerance: float) -> tuple[Tensor, ...]:
    """Call the function twice; return the outputs of the second call."""
    first = f()
    for output in first:
        if not isinstance(output, Tensor):
            raise TypeError(
                f"gradcheck takes a function that returns tensors, not {type(output).__name__}"
            )
    _check_inputs(f, "The function")
    before = [output._array.copy() for output in first]
    second = f()
    for number, (old, output) in enumerate(zip(before, second, strict=True)):
        new = output._array
        if old.shape != new.shape:
            seen = f"output {number} had shape {old.shape} and then {new.shape}"
        elif (index := _first_difference(old, new, tolerance)) is not None:
            where = f"output {number}{list(index)}" if index else f"output {number}"
            seen = f"{where} was {old[index]:.10g} and then {new[index]:.10g}"
        else:
            continue
        raise GradcheckError(
            f"The function is not deterministic: called twice with the same inputs, its {seen}. It "
            "is random or keeps a state (dropout, batch statistics, a counter), so its gradient "
            "cannot be checked: call eval(), or set the seed inside it."
        )
    return second


def finite(f: VectorFunction, values: Array) -> None:
    """Refuse NaN and infinity: no difference can be taken of them."""
    wrong = np.flatnonzero(~np.isfinite(values))
    if wrong.size and f.input_starts[-1]:
        raise GradcheckError(
            f"{f.output_name(wrong[0])} is {values[wrong[0]]}: there is no difference to be taken. "
            "Check the gradient at inputs where the function is finite."
        )


def backward_twice(f: VectorFunction, upstream: Array, tolerance: float, dtypes: bool) -> Array:
    """Send the same gradients back twice, and then zeros; return the gradient, (N,)."""
    with _watched(f, dtypes):
        first = f.gradient(upstream)
    _check_inputs(f, "Backward")
    again = f.gradient(upstream)
    if (index := _first_difference(first, again, tolerance)) is not None:
        raise GradcheckError(
            "Backward is not reentrant, i.e., running backward with same input and grad_output "
            f"multiple times gives different values: for {f.input_name(index[0])}, "
            f"{first[index]:.10g} and then {again[index]:.10g}. It is random, or changes what it "
            f"has saved. The tolerance for nondeterminism was {tolerance}."
        )
    nothing = np.flatnonzero(np.nan_to_num(f.gradient(0 * upstream)))
    if nothing.size:
        raise GradcheckError(
            "backward not multiplied by grad_output: where zeros arrive, zeros must be sent on, "
            f"but not for {f.input_name(nothing[0])}. By the chain rule, each gradient is a sum of "
            "products with what arrives."
        )
    return first


def missing_upstream(f: VectorFunction, upstream: Array) -> None:
    """Check that an output which nobody used counts as one whose gradient is zero."""
    if len(f.outputs) < 2:
        return
    for position, number in enumerate(f.outputs):
        others = f.owner != position
        try:
            gradient = f.gradient(upstream, only=position)
        except Exception as error:
            raise GradcheckError(
                "Expected backward function to handle undefined output grads: with a gradient for "
                f"output {number} alone, it raised {type(error).__name__}: {error}. What does not "
                "arrive is None, and counts as zeros."
            ) from error
        filled = f.gradient(np.where(others, 0, upstream))
        if (index := _first_difference(filled, gradient)) is not None:
            raise GradcheckError(
                "Expected backward function to handle undefined output grads: what does not arrive "
                f"counts as zeros, but with a gradient for output {number} alone that of "
                f"{f.input_name(index[0])} is {gradient[index]:.10g}, and {filled[index]:.10g} "
                "with zeros for the others."
            )


def _check_inputs(f: VectorFunction, who: str) -> None:
    number = f.changed_input()
    if number is not None:
        raise GradcheckError(
            f"{who} changes input {number} in place, which others may still need: let it change a "
            "copy, as x = x + 1 does and x += 1 does not."
        )


def _first_difference(one: Array, other: Array, tolerance: float = 0.0) -> tuple[int, ...] | None:
    """Return where two arrays of one shape first differ, or None; NaN is equal to NaN."""
    same = (one == other) | ((one != one) & (other != other))
    if tolerance:
        same |= np.abs(one - other) <= tolerance
    return None if same.all() else tuple(np.argwhere(~same)[0].tolist())


@contextmanager
def _watched(f: VectorFunction, dtypes: bool) -> Iterator[None]:
    """Look at what each operation between inputs and outputs is given and what it returns.

    The engine hides both: a gradient that an operation has changed is passed on to others, and one
    of another type is cast.
    """
    seen = {t._source()[0] for t in f.inputs.values()}
    nodes, waiting = [], [t.grad_fn for t in f.outputs.values()]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen or isinstance(node, AccumulateGrad):
            continue
        seen.add(node)
        nodes.append(node)
        waiting += [maker for maker, _ in node.next_functions]
        node.run = _careful(node, dtypes)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for node in nodes:
            del node.run


def _careful(node: Node, dtypes: bool) -> Any:
    run = node.run

    def careful(grad_outputs: list[Gradient | None]) -> tuple[Gradient | None, ...]:
        given = [_array(g) for g in grad_outputs]
        before = [None if g is None else g.copy() for g in given]
        grads = run(grad_outputs)
        for position, (old, new) in enumerate(zip(before, given, strict=True)):
            if old is not None and _first_difference(old, new) is not None:
                raise GradcheckError(
                    f"{node.name()} changes grad_output {position} in place, which other "
                    "operations may need: return grad_output * 2, and not grad_output.mul_(2)."
                )
        # What is written in NumPy may leave the type to the engine; a Function may not.
        if dtypes and not isinstance(node, ArrayCtx):
            for position, (edge, grad) in enumerate(zip(node.edges, grads, strict=False)):
                if edge and grad is not None and _array(grad).dtype != edge[3]:
                    raise GradcheckError(
                        f"Gradient has dtype mismatch: {node.name()} returns {_array(grad).dtype} "
                        f"at index {position}, for an input of {edge[3]}."
                    )
        return grads

    return careful


def _array(grad: Any) -> Any:
    return getattr(grad, "_array", grad)

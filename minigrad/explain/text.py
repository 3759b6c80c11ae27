"""A trace in the terminal: the forward pass, then the same tape in reverse."""

from __future__ import annotations

import textwrap

import numpy as np

from minigrad.explain.parts import Contribution, Step, Trace, Value
from minigrad.explain.rules import backward_rule, forward_rule
from minigrad.tensor import Array

_WIDTH = 80
_COLUMN = 35  # where the numbers begin
_SHOWN = 5  # of an array with more

_FORWARD = """\
FORWARD

Each operation with its number, its rule, what it takes and what it makes. Of an
array, the first numbers are shown, and its norm.
"""
_BACKWARD = """\

BACKWARD

The same operations, the last one first. g is the gradient of the output y, dx
what the rule sends to the argument x. A value that was used more than once gets
as many contributions: its gradient is their sum.
"""
_LEAVES = """\

GRADIENTS

Of all values with which the pass began, and the operations that contributed.
"""


def text(trace: Trace) -> str:
    """Return the pass as lines of at most 80 letters, in ASCII.

    >>> import minigrad
    >>> from minigrad.explain.trace import trace
    >>> x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    >>> for row in text(trace(lambda x: (x * x).sum(), x)).splitlines()[-2:]:
    ...     print(row)
    x (2,)                             2 4  |4.47|
         from 1 Mul (a), 1 Mul (b)
    """
    number = {step: k for k, step in enumerate(trace.steps, start=1)}
    rows = _FORWARD.splitlines()
    for step in trace.steps:
        rows += _forward(step, number[step])
    rows += [*_BACKWARD.splitlines(), "", *_row(f"     g of {trace.loss.name}", trace.loss.grad)]
    arrived = dict.fromkeys(trace.values, 0)
    for step in trace.backward:
        rows += _backward(step, number, arrived)
    rows += [*_LEAVES.splitlines(), ""]
    for value in trace.values:
        if value.kind != "intermediate" and value.grad is not None:
            rows += _leaf(value, number)
    return "\n".join([row.rstrip() for row in rows]) + "\n"


def _forward(step: Step, number: int) -> list[str]:
    rows = ["", _title(step, number), *_wrapped(forward_rule(step))]
    for name, value in step.inputs.items():
        rows += _row(f"     {name} = {_described(value)}", value.array)
    for value in step.outputs:
        rows += _row(f"     y = {_described(value)}", value.array)
    return rows


def _backward(step: Step, number: dict[Step, int], arrived: dict[Value, int]) -> list[str]:
    rows = ["", _title(step, number[step])]
    for value in step.outputs:
        rows += _row(f"     g of {_described(value)}", value.grad)
    rules = backward_rule(step)
    for name, value in step.inputs.items():
        for contribution in value.contributions:
            if contribution.step is step and contribution.argument == name:
                arrived[value] += 1
                rule = rules.get(name) or f"d{name}"
                rows += _sent(contribution, value, rule, arrived[value], number)
    return rows


def _sent(
    contribution: Contribution, value: Value, rule: str, count: int, number: dict[Step, int]
) -> list[str]:
    """Say what a step sends to an argument; with the last contribution, their sum."""
    sent, array, of = contribution.sent, contribution.array, len(value.contributions)
    rows = _wrapped(rule)
    to = f"     -> {value.name}"
    if sent.shape != array.shape:
        rows += _row(f"     the rule gives {sent.shape}", sent)
        rows.append(f"     {value.name} was broadcast: summed to its shape")
    rows += _row(f"{to} {array.shape}" + (f", {count} of {of}" if of > 1 else ""), array)
    if count == of > 1:
        makers = " + ".join([f"({number[c.step]})" for c in value.contributions])
        rows += _row(f"     g of {value.name} = {makers}", value.grad)
    return rows


def _leaf(value: Value, number: dict[Step, int]) -> list[str]:
    makers = [f"{number[c.step]} {c.step.op} ({c.argument})" for c in value.contributions]
    rows = _row(f"{value.name} {value.shape}", value.grad)
    rows += _wrapped(f"from {', '.join(makers)}")
    if value.update is not None:
        rows += _row("     before the step", value.update.before)
        for name, array in value.update.state_after.items():
            rows += _row(f"     {value.update.optimizer}'s {name}", array)
        rows += _row("     after the step", value.update.after)
    return rows


def _title(step: Step, number: int) -> str:
    return f"{number:3}  {step.op}" + (f"  ({step.path})" if step.path else "")


def _described(value: Value) -> str:
    axes = ", ".join(
        f"{axis}={size}" if not axis.startswith("d") else str(size)
        for axis, size in zip(value.axes, value.shape, strict=True)
    )
    return f"{value.name} ({axes})"


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, _WIDTH, initial_indent=" " * 5, subsequent_indent=" " * 9)


def _row(left: str, array: Array | None) -> list[str]:
    """Return a label and the first numbers of an array; on two lines where the label is long."""
    numbers = "not kept: no rule needs it" if array is None else _abridged(array)
    if len(left) < _COLUMN:
        return [f"{left:<{_COLUMN}}{numbers}"]
    return [left, f"{'':{_COLUMN}}{numbers}"]


def _abridged(array: Array) -> str:
    """Return the first numbers of an array, as many as there is room for, and its norm."""
    numbers = [f"{x + 0:.3g}" for x in array.reshape(-1)[:_SHOWN].tolist()]  # + 0: no -0
    norm = f"  |{np.linalg.norm(array):.3g}|" if array.size > 1 and array.dtype.kind == "f" else ""
    while True:
        shown = " ".join([*numbers, *(["..."] if array.size > len(numbers) else [])]) + norm
        if _COLUMN + len(shown) <= _WIDTH or len(numbers) == 1:
            return shown
        numbers.pop()

"""A trace as what JSON can hold: the input of the page."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from minigrad.explain.parts import Contribution, Step, Trace, Update, Value
from minigrad.explain.rules import backward_rule, forward_rule
from minigrad.tensor import Array


def to_json(trace: Trace) -> dict[str, Any]:
    """Return a trace as dictionaries, lists, strings and numbers.

    An array is ``{"shape": [...], "dtype": "float32", "data": base64}`` of little-endian float32
    (float64 is rounded) or int32, in C order. Values and steps are numbered as they stand in their
    lists.
    """
    value_ids = {value: k for k, value in enumerate(trace.values)}
    step_ids = {step: k for k, step in enumerate(trace.steps)}
    return {
        "format": "minigrad-trace-1",
        "recorded": trace.recorded,
        "loss": value_ids[trace.loss],
        "values": [_value(value, step_ids) for value in trace.values],
        "steps": [_step(step, value_ids) for step in trace.steps],
        "backward": [step_ids[step] for step in trace.backward],
    }


def _value(value: Value, step_ids: dict[Step, int]) -> dict[str, Any]:
    return {
        "name": value.name,
        "kind": value.kind,
        "shape": list(value.shape),
        "axes": list(value.axes),
        "dtype": str(value.dtype),
        "array": _array(value.array),
        "grad": _array(value.grad),
        "contributions": [_contribution(c, value, step_ids[c.step]) for c in value.contributions],
        "update": _update(value.update),
    }


def _contribution(contribution: Contribution, value: Value, step: int) -> dict[str, Any]:
    """Arrays that are another one's again are left out: null."""
    only = len(value.contributions) == 1
    unbroadcast = contribution.sent.shape != contribution.array.shape
    return {
        "step": step,
        "argument": contribution.argument,
        "array": None if only else _array(contribution.array),
        "sent": _array(contribution.sent) if unbroadcast else None,
    }


def _step(step: Step, value_ids: dict[Value, int]) -> dict[str, Any]:
    return {
        "op": step.op,
        "path": step.path,
        "inputs": {name: value_ids[value] for name, value in step.inputs.items()},
        "arguments": {
            name: _plain(argument)
            for name, argument in step.arguments.items()
            if not isinstance(argument, Value)
        },
        "outputs": [value_ids[value] for value in step.outputs if value in value_ids],
        "needs_grad": step.needs_grad,
        "forward": forward_rule(step),
        "backward": backward_rule(step),
    }


def _update(update: Update | None) -> dict[str, Any] | None:
    if update is None:
        return None
    return {
        "optimizer": update.optimizer,
        "settings": {name: _plain(value) for name, value in update.settings.items()},
        "after": _array(update.after),
        "state_before": {name: _array(a) for name, a in update.state_before.items()},
        "state_after": {name: _array(a) for name, a in update.state_after.items()},
    }


def _array(array: Array | None) -> dict[str, Any] | None:
    if array is None:
        return None
    kind = "<f4" if array.dtype.kind == "f" else "<i4"
    data = np.ascontiguousarray(array).astype(kind).tobytes()
    return {
        "shape": list(array.shape),
        "dtype": "float32" if kind == "<f4" else "int32",
        "data": base64.b64encode(data).decode("ascii"),
    }


def _plain(argument: Any) -> Any:
    """Return an argument as JSON has it: a named tuple by its names, else its text."""
    if hasattr(argument, "_asdict"):
        return {name: _plain(value) for name, value in argument._asdict().items()}
    if isinstance(argument, tuple | list):
        return [_plain(value) for value in argument]
    if argument is None or isinstance(argument, bool | int | float | str):
        return argument
    return repr(argument)

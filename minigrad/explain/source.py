"""A pass as a program: straight lines of NumPy, forward and then backward."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from minigrad import engine
from minigrad.array_function import ArrayFunction
from minigrad.explain.layout import render
from minigrad.explain.names import comment, identifiers, literal
from minigrad.explain.parts import Step, Trace, Value
from minigrad.explain.program import Line, Program
from minigrad.explain.rules import backward_rule, forward_rule
from minigrad.explain.watched import Watched
from minigrad.tensor import Array

_HEAD = '''"""One pass, forward and backward, as straight lines of NumPy.

Written by minigrad: these are the calls that it made, with the shape of each result beside it. Run
it beside {npz}, which holds parameters and inputs, and the gradients to compare with.
"""

import numpy as np

np.seterr(all="ignore")  # infinities and NaN are numbers here
arrays = np.load(__file__.removesuffix(".py") + ".npz", allow_pickle=False)

'''
_TAIL = """
for name, gradient in gradients.items():
    same = np.array_equal(gradient, arrays["grad " + name], equal_nan=True)
    norm, shape = np.linalg.norm(gradient), np.shape(gradient)
    print(f"{name:24} {shape!s:16} norm {norm:<12.6g}", "as in minigrad" if same else "DIFFERENT")
"""


class _Ctx:
    """What ``forward`` hands to ``backward``, with no graph around it."""

    def __init__(self, step: Step) -> None:
        self.needs_input_grad = tuple([name in step.needs_grad for name in step.arguments])
        self.saved_tensors: tuple[Any, ...] = ()

    def save_for_backward(self, *arrays: Any) -> None:
        self.saved_tensors = arrays


def source(trace: Trace, npz: str = "its .npz") -> tuple[str, dict[str, Array]]:
    """Return the pass as a program, and the arrays that it loads from the .npz file beside it.

    It imports NumPy alone, and reproduces every gradient bit for bit. What depends on numbers is as
    it was in this pass. RuntimeError unless the pass was recorded; NotImplementedError for an
    operation that is written with tensors, not arrays.
    """
    if not trace.recorded:
        raise RuntimeError(
            "a graph remembers no arguments of operations, so no program can be made of it: let "
            "the pass be watched, explain(model, x, y) instead of explain(loss)"
        )
    replay = _Replay(trace)
    modules = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("minigrad.functions.")
        or any([step.function.__module__ == name for step in trace.steps])
    ]
    with replay.program.watching(modules), np.errstate(all="ignore"):
        replay.forward()
        replay.backward()
    gradients = [v for v in trace.values if v.kind != "intermediate" and v.grad is not None]
    lines = [f"    {literal(v.name)}: grad_{replay.names[v]},\n" for v in gradients]
    text = _HEAD.format(npz=literal(npz)[1:-1]) + render(replay.program)
    text += "\ngradients = {\n" + "".join(lines) + "}\n" + _TAIL
    arrays = {**replay.loaded, **replay.program.constants}
    arrays |= {f"grad {v.name}": np.asarray(v.grad) for v in gradients}
    return text, arrays


class _Replay:
    """A trace, run once more on arrays that are watched."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.program = trace, Program()
        self.names = identifiers(trace.values)
        self.contexts: dict[Step, _Ctx] = {}
        self.arrays: dict[Value, Watched] = {}
        self.grads: dict[Value, Watched] = {}
        self.loaded: dict[str, Array] = {}

    def forward(self) -> None:
        """Load what the pass began with, and run each step's ``forward``."""
        made = {value for step in self.trace.steps for value in step.outputs}
        for value in self.trace.values:
            if value not in made:
                self.arrays[value] = self._load(value.name, self.names[value], value.array)
        self.program.lines.append("---- forward")
        for step in self.trace.steps:
            if not issubclass(step.function, ArrayFunction):
                raise NotImplementedError(
                    f"{step.op} is written with tensors: only an operation that is written in "
                    "NumPy, an ArrayFunction, can become lines of a program"
                )
            self.program.lines.append(comment(_title(step), forward_rule(step)))
            ctx = self.contexts[step] = _Ctx(step)
            arrays = [self._argument(step, *argument) for argument in step.arguments.items()]
            try:
                result = step.function.forward(ctx, *arrays)
            except ValueError:  # a view needs another layout, and ``view`` has given it that
                value = step.inputs["x"]
                row_by_row = self.program.traced("np.ascontiguousarray", np.ascontiguousarray)
                arrays[0] = self.arrays[value] = row_by_row(arrays[0])
                result = step.function.forward(ctx, *arrays)
            self.arrays[step.outputs[0]] = self._named(result, self.names[step.outputs[0]])

    def backward(self) -> None:
        """Run each step's ``backward``, and add contributions as they arrive."""
        self.program.lines.append("---- backward")
        loss = self.trace.loss
        one = self.program.traced("np.ones", np.ones)(loss.shape, loss.dtype)
        self.grads[loss] = self._named(one, f"grad_{self.names[loss]}")
        arrived = dict.fromkeys(self.trace.values, 0)
        for step in self.trace.backward:
            self.program.lines.append(comment(_title(step), *backward_rule(step).values()))
            result = step.function.backward(self.contexts[step], self.grads[step.outputs[0]])
            grads = result if isinstance(result, tuple) else (result,)
            for (name, value), grad in zip(step.arguments.items(), grads, strict=False):
                if grad is None or name not in step.needs_grad:
                    continue
                if (grad.shape, grad.dtype) != (value.shape, value.dtype):
                    edge: Any = (None, 0, value.shape, value.dtype)
                    grad = engine._fit(grad, edge, self.contexts[step])  # type: ignore[arg-type]
                self._arrive(value, grad, arrived)

    def _arrive(self, value: Value, grad: Any, arrived: dict[Value, int]) -> None:
        name, of = f"grad_{self.names[value]}", len(value.contributions)
        arrived[value] += 1
        if of == 1:
            self.grads[value] = self._named(grad, name)
            return
        grad = self._named(grad, f"{name}_part{arrived[value]}")
        before = self.grads.get(value)
        if before is not None:
            last = arrived[value] == of
            grad = self._named(before + grad, name if last else f"{name}_sum{arrived[value]}")
        self.grads[value] = grad

    def _argument(self, step: Step, name: str, argument: Any) -> Any:
        """Return an argument: watched where it is an array, that of a value or one of its own."""
        if isinstance(argument, Value):
            return self.arrays[argument]
        if isinstance(argument, np.ndarray) and argument.ndim:
            own = f"{step.op}_{name}_{self.trace.steps.index(step) + 1}"
            return self._load(own, own, argument)
        self.program.given.append(argument)
        return argument

    def _load(self, key: str, name: str, array: Array | None) -> Watched:
        assert array is not None
        if not array.flags.f_contiguous:
            array = np.ascontiguousarray(array)  # a file knows of no other layout
        self.loaded[key] = array
        line = Line([f"arrays[{literal(key)}]"], array)
        self.program.lines.append(line)
        return self._named(self.program.watch(line), name)

    def _named(self, array: Any, name: str) -> Watched:
        """Give the line that made an array its name; where it has one, make another line."""
        if not isinstance(array, Watched) or array.line is None or array.line.is_final:
            parts = self.program.parts(array)
            array = self.program.add(parts, np.asarray(array))
        array.line.name, array.line.is_final = name, True
        return array


def _title(step: Step) -> str:
    return f"{step.op}{', ' + step.path if step.path else ''}"

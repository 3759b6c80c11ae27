"""The process in which a student's file runs: it answers one request after the other.

It is given inputs and returns what the student's code makes of them. It never sees what is
expected: that stays with the checker. Until the file imports more, it has imported NumPy alone.
"""

import contextlib
import importlib.util
import os
import sys
import traceback
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from pt_reference.check import frames, limits
from pt_reference.check.contract import LAYERS, Layer
from pt_reference.check.differences import differences
from pt_reference.check.intact import Intact
from pt_reference.check.students import find, library_class
from pt_reference.check.styles import Style
from pt_reference.check.torch_calls import recorded
from pt_reference.check.trial import Stage, as_array, as_bytes, laid_out, one_pass, other_call

Arrays = dict[str, np.ndarray]
UNSIGNED = ""  # what no request has asked for has no token


def main(walls: list[str]) -> None:
    """Say that all is ready, and answer requests until there are no more."""
    requests, answers = limits.private_streams()
    warnings.simplefilter("ignore")  # what the file prints is counted, and this it does not print
    worker = Worker(limits.Output())
    try:
        frames.write(answers, worker.said({"stage": "start", "walls": walls}), {})
        while (request := frames.read(requests)) is not None:
            frames.write(answers, *worker.answer(*request))
    except (OSError, ValueError):
        os._exit(frames.CONNECTION_LOST)
    os._exit(0)  # whatever the file has registered to run at the end does not


class Worker:
    """The student's file, once loaded, and the requests about it."""

    def __init__(self, output: limits.Output) -> None:
        self.output = output
        self.path = ""
        self.intact = Intact()
        self.styles: dict[str, Style] = {}

    def answer(self, header: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        """Do what a request asks for; whatever the student's code raises is an answer too."""
        act: Callable[..., Any] = getattr(self, "do_" + header["do"])
        stage = Stage()
        calls: set[str] = set()
        sys.stdout = sys.stderr = printed = self.output.as_text()
        raised = None
        try:
            with np.errstate(all="ignore"), recorded(calls):
                answer, found = act(stage, header, arrays)
        except BaseException as error:
            raised = error
        self.put_back()
        with contextlib.suppress(ValueError):  # the file has closed it
            printed.flush()
        if raised:
            answer, found = {"error": self.describe(raised), **stage.seen}, stage.arrays
            raised = None  # with its traceback, which holds all arrays of the call and itself
        answer |= {"stage": stage.name, "torch_calls": sorted(calls), "token": header["token"]}
        return self.said(answer), found

    def put_back(self) -> None:
        """Put back what the file has put something else in place of."""
        for change in self.intact.restore():
            limits.say_tried(change)

    def said(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Add to an answer what is said in every one."""
        always = {"token": UNSIGNED, "torch_calls": [], "printed": self.output.lines}
        return {**always, **answer, "tried": limits.tried()}

    def describe(self, error: BaseException) -> dict[str, Any]:
        """Return an error's type and text, and the student's line that it comes from."""
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == self.path
        ]
        try:
            text = str(error)[:300]
        except BaseException:
            text = "its text cannot be shown"
        return {"type": type(error).__name__, "text": text, "line": lines[-1] if lines else None}

    def do_load(self, stage: Stage, header: dict[str, Any], _: Arrays) -> tuple[Any, Arrays]:
        """Run the file, and say what it defines."""
        stage.name = "import"
        self.path = header["path"]
        limits.forbid_harm(os.getcwd(), self.path, header["memory"])
        sys.path.append(os.path.dirname(self.path))
        spec = importlib.util.spec_from_file_location("student", self.path)
        module = importlib.util.module_from_spec(spec)
        sys.modules["student"] = module
        spec.loader.exec_module(module)
        self.put_back()
        found = {layer.name: self.found(module, layer) for layer in LAYERS.values()}
        return {"layers": {name: said for name, said in found.items() if said}}, {}

    def found(self, module: types.ModuleType, layer: Layer) -> dict[str, Any]:
        """Return what there is to say of a layer, nothing if it is not defined."""
        try:
            style = find(module, layer)
            if style is None:
                return {}
            self.styles[layer.name] = style
            lacks = style.lacks(layer.options)
            return {"style": style.name, "lacks": lacks, "inherits": library_class(style)}
        except Exception as error:  # its signature cannot be read, or the like
            return {"unreadable": f"{type(error).__name__}: {self.describe(error)['text']}"}

    def do_run(self, stage: Stage, header: dict[str, Any], arrays: Arrays) -> tuple[Any, Arrays]:
        """Run a layer forward and backward, and see what it changed beside."""
        style, inputs, options = self.unpack(header, arrays)
        grad_output = inputs.pop("grad_output", None)
        stage.name = "build"
        layer = style.build(inputs, options)
        between = None
        if header.get("other_call"):
            other = other_call(style, layer, inputs, options)
            if header["other_call"] == "before":
                other(backward=True)
            else:
                between = other
        repeat = header.get("repeat", 0)
        results = one_pass(stage, style, layer, inputs, grad_output, between, twice=repeat > 0)
        for again in range(repeat):  # the same layer, then another one
            stage.name = "repeat"
            used = style.build(inputs, options) if again else layer
            later = Stage()
            one_pass(later, style, used, inputs, grad_output)
            stage.arrays |= {f"{k}.{again + 1}": v for k, v in later.arrays.items()}
            for name in ("output", "grad_input"):
                first, kept = results.get(name), stage.arrays.get(name)
                if first is not None and first.tobytes() != kept.tobytes():
                    stage.seen["aliases"].append([name, f"the next call's {name}"])
                    results[name] = None
        return stage.seen, stage.arrays

    def do_step(self, stage: Stage, header: dict[str, Any], arrays: Arrays) -> tuple[Any, Arrays]:
        """Let an optimizer make steps."""
        style, inputs, options = self.unpack(header, arrays)
        names = sorted(k for k in inputs if "." not in k)
        stage.name = "build"
        if header.get("other_call") == "before":
            copies = [inputs[k] + 1 for k in names]
            style.step(style.build(copies, options), [p * 3 for p in copies])
        optimizer = style.build([inputs[k] for k in names], options)
        buffers: dict[str, np.ndarray] = {}
        for t in range(1, header["steps"] + 1):
            grads = {k: inputs.get(f"{k}.grad{t}") for k in names}
            if header.get("same_arrays"):  # as a training loop that writes into .grad
                for k, grad in grads.items():
                    buffers.setdefault(k, np.empty_like(grad))[...] = grad
                grads = dict(buffers)
            stage.name = f"step {t}"
            before = as_bytes({k: g for k, g in grads.items() if g is not None})
            after = style.step(optimizer, list(grads.values()))
            if any(grads[k].tobytes() != b for k, b in before.items()):
                stage.seen["changed"]["step"] = ["grads"]
            for k, value in zip(names, after, strict=True):
                stage.keep(f"{k}.step{t}", value)
        return stage.seen, stage.arrays

    def do_draw(self, stage: Stage, header: dict[str, Any], _: Arrays) -> tuple[Any, Arrays]:
        """Make a layer, and return the parameters it has drawn."""
        style = self.styles[header["layer"]]
        stage.name = "build"
        layer = style.cls(*header["sizes"])
        for name in style.layer.parameters:
            stage.keep(name, getattr(layer, name, None))
        return stage.seen, stage.arrays

    def do_differences(
        self, stage: Stage, header: dict[str, Any], arrays: Arrays
    ) -> tuple[Any, Arrays]:
        """Differentiate the student's own forward, by differences."""
        style, inputs, options = self.unpack(header, arrays)
        grad_output = inputs.pop("grad_output")
        stage.name = "differences"

        def forward() -> np.ndarray:
            copies = {k: v.copy() for k, v in inputs.items()}
            output, _ = style.forward(style.build(copies, options), copies)
            return as_array(output)

        slopes, kinks = differences(forward, inputs[header["of"]], header["at"], grad_output)
        return {}, {"slopes": slopes, "kinks": kinks}

    def unpack(
        self, header: dict[str, Any], arrays: Arrays
    ) -> tuple[Style, Arrays, dict[str, Any]]:
        """Return the layer, its inputs laid out in memory as asked, and the options."""
        options = {k: tuple(v) if isinstance(v, list) else v for k, v in header["options"].items()}
        options |= {k[7:]: v for k, v in arrays.items() if k.startswith("option.")}
        inputs = {
            k: laid_out(v, header.get("layout", "C"))
            for k, v in arrays.items()
            if not k.startswith("option.")
        }
        return self.styles[header["layer"]], inputs, options

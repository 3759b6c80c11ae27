"""The words and numbers that all reports share. What a file says of itself is not trusted."""

from typing import Any

import numpy as np

from pt_reference.check.cases import Case
from pt_reference.check.contract import LAYERS
from pt_reference.check.oracle import answer
from pt_reference.check.results import Finding


def clean(text: str) -> str:
    r"""Return a text without control characters, which could repaint a terminal.

    >>> clean("a\x1b[2Jb" + chr(10) + "c")
    'a?[2Jb c'
    """
    line = " ".join(text.split())
    line = line.encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() else "?" for c in line)


def number(value: Any) -> str:
    """Return a number in few characters.

    >>> [number(v) for v in (0.5, -1234567.0, 3, float("nan"))]
    ['0.5', '-1.235e+06', '3', 'nan']
    """
    return str(value) if isinstance(value, int | np.integer) else f"{value:.4g}"


def about(error: float) -> str:
    """Return an error's size: two digits say how bad it is, and do not say what is expected."""
    return f"{error:.2g}"


def call(layer: str, case: Case) -> str:
    """Return how the layer of a case is made, as it would be typed."""
    inputs, options = case.inputs, dict(case.options)
    sizes: list[Any] = []
    if layer == "Linear" and "weight" in inputs:
        sizes = list(inputs["weight"].shape[::-1])
    if layer == "Conv2d" and "weight" in inputs:
        out_channels, in_channels, kh, kw = inputs["weight"].shape
        kernel = kh if kh == kw else (kh, kw)
        sizes = [in_channels * options.get("groups", 1), out_channels, kernel]
    if "kernel_size" in options:
        sizes = [options.pop("kernel_size")]
    if LAYERS[layer].is_optimizer:
        sizes = ["params"]
    given = [str(size) for size in sizes]
    given += [f"{k}={_value(k, v)}" for k, v in options.items()]
    return f"{layer}({', '.join(given)})"


def _value(name: str, value: Any) -> str:
    return name if isinstance(value, np.ndarray) else repr(value)


def arrays_of(layer: str, finding: Finding) -> dict[str, np.ndarray]:
    """Return what a finding's example is given, by name, in the order of use."""
    case = finding.failure.case
    given = {k: v for k, v in case.options.items() if isinstance(v, np.ndarray)}
    inputs = case.inputs
    if case.steps:  # of the gradients, those that came before the step that is wrong
        last = finding.failure.step or case.steps
        inputs = {k: v for k, v in inputs.items() if int(k.partition(".grad")[2] or 0) <= last}
    found = {**inputs, **{f"option {k}": v for k, v in given.items()}}
    if finding.check == "backward":  # the upstream gradient has the shape of PyTorch's output
        found |= {k: v for k, v in answer(layer, case).items() if k == "grad_output"}
    return found


def answers(finding: Finding, show_expected: bool) -> dict[str, np.ndarray]:
    """Return the arrays that disagree, by the words for them."""
    yours, expected = finding.failure.yours, finding.failure.expected
    if finding.check == "initialisation":
        return {}  # thousands of numbers
    if finding.check == "determinism":  # both are the student's own
        pair = {"the first call": expected, "the same call again": yours}
        return {k: v for k, v in pair.items() if v is not None}
    found = {}
    if yours is not None:
        found["yours"] = yours
    if show_expected and expected is not None:
        found["PyTorch"] = expected
    return found


def headline(finding: Finding) -> str:
    """Return what a finding is about, in a few words."""
    where, problem = finding.where, finding.failure.problem
    if finding.check == "refusal":
        return "an input that must be refused is accepted"
    if problem == "beyond_contract":
        return "an input beyond the contract is refused"
    if finding.check == "initialisation":
        return f"the first {where} is drawn in another way"
    if problem == "uses_pytorch":
        return "PyTorch does the work"
    if finding.failure.convention:
        return f"{where} follows another convention"
    said = {
        "shape": f"{where} has the wrong shape",
        "dtype": f"{where} has the wrong type",
        "missing": f"{where} is missing",
        "raises": f"{where}: your code raises an error",
        "stateful": f"{where} depends on the calls before",
        "random": f"{where} is another one at each call",
        "aliases": f"{where} shares memory",
        "not_in_place": "the parameters are not changed in place",
        "timed_out": "your code does not end",
        "out_of_memory": "your code needs too much memory",
        "crashed": "your code crashes the interpreter",
        "exits": "your code ends the interpreter",
    }
    if problem.startswith("mutates_"):
        return f"{where} is changed"
    return said.get(problem, f"{where} is wrong")


def where_to_look(finding: Finding) -> str:
    """Return whether to look in forward or in backward, "" where nothing is known."""
    fits, check = finding.failure.fits, finding.check
    if check == "forward" and fits:
        return "forward: your backward is the derivative of it, so both compute another formula"
    if check == "forward" and fits is False:
        return "forward first, then backward: it is not the derivative of your own forward"
    if check == "backward" and fits is False:
        return "backward: it is not the derivative of your own forward"
    if check == "backward" and fits:
        return "backward agrees with differences of your forward, which is right: a kink, perhaps"
    return ""


def hint(finding: Finding, level: str) -> str:
    """Return as much of the cause as a level allows: where, what it looks like, what to change."""
    cause = finding.cause
    if level == "axis":
        return clean(cause.axis)
    looks_like = clean(cause.cause or cause.axis)
    change = clean(cause.line) if level == "line" else ""
    return "; ".join(filter(None, (looks_like, change)))


def said_of(finding: Finding, level: str) -> list[tuple[str, str]]:
    """Return the hint, and what happened where the hint does not say it; each with its label."""
    said, happened = hint(finding, level), clean(finding.failure.text)
    lines = [("hint", said)] if said else []
    return lines + ([("what", happened)] if happened and happened not in said else [])

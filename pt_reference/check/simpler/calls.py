"""Simpler calls: options left out, or nearer to their defaults; fewer steps."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from pt_reference.check.cases import Case
from pt_reference.check.contract import LAYERS
from pt_reference.check.simpler.arrays import Knob, arrays_of, with_arrays
from pt_reference.check.simpler.sizes import subsets


def calls(layer: str, case: Case) -> Iterator[Knob]:
    """Leave out options, and how arrays are passed; of an optimizer, parameters and steps."""
    yield _plain_call
    if "groups" in case.options:
        yield _fewer_groups
    for option in case.options:
        if option in LAYERS[layer].options and option != "groups":
            yield partial(_without, option=option)
    for option in case.options:
        yield partial(_smaller_option, option=option)
    if case.steps:
        yield _fewer_parameters
        yield _fewer_steps


def _plain_call(case: Case) -> Iterator[Case]:
    if case.layout != "C":
        yield replace(case, layout="C")
    if case.same_arrays:
        yield replace(case, same_arrays=False)
    if case.dtype == np.float32:
        arrays = {k: v.astype(float) for k, v in arrays_of(case).items() if v.dtype == np.float32}
        yield with_arrays(case, arrays)


def _without(case: Case, option: str) -> Iterator[Case]:
    if option not in case.options:
        return
    options = {k: v for k, v in case.options.items() if k != option}
    inputs = case.inputs
    if option == "bias":
        outputs = inputs["weight"].shape[0]
        inputs = {**inputs, "bias": np.ones(outputs, case.dtype)}
    yield replace(case, options=options, inputs=inputs, grad_output=None)


def _smaller_option(case: Case, option: str) -> Iterator[Case]:
    """Yield sizes nearer to the default: stride 2 for 3, padding (0, 1) for (2, 1)."""
    if option not in ("kernel_size", "stride", "padding", "dilation"):
        return
    least = 0 if option == "padding" else 1
    value = case.options.get(option)
    sizes = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(size, int) for size in sizes):
        return  # 'same'
    for i, size in enumerate(sizes):
        for smaller in range(least, size):
            changed = (*sizes[:i], smaller, *sizes[i + 1 :])
            options = {**case.options, option: changed if len(changed) > 1 else smaller}
            yield replace(case, options=options, grad_output=None)


def _fewer_groups(case: Case) -> Iterator[Case]:
    groups = case.options.get("groups", 1)
    per, out = case.inputs["weight"].shape[1], case.inputs["weight"].shape[0] // groups
    for kept in range(1, groups):
        shorter = {k: v[: kept * out] for k, v in case.inputs.items() if k != "x"}
        inputs = {"x": case.inputs["x"][..., : kept * per, :, :], **shorter}
        options = {**case.options, "groups": kept}
        if kept == 1:
            del options["groups"]
        yield replace(case, inputs=inputs, options=options, grad_output=None)


def _fewer_parameters(case: Case) -> Iterator[Case]:
    names = [k for k in case.inputs if "." not in k]
    for name in names if len(names) > 1 else []:
        kept = {k: v for k, v in case.inputs.items() if k.partition(".")[0] != name}
        yield replace(case, inputs=kept)


def _fewer_steps(case: Case) -> Iterator[Case]:
    for kept in subsets(case.steps):
        number = {str(old + 1): new + 1 for new, old in enumerate(kept)}
        inputs = {}
        for name, array in case.inputs.items():
            param, _, step = name.partition(".grad")
            if step in number:
                inputs[f"{param}.grad{number[step]}"] = array
            elif not step:
                inputs[name] = array
        yield replace(case, inputs=inputs, steps=len(kept))

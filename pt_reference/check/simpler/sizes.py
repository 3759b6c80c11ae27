"""Smaller sizes: axes of several arrays that have one length are shortened together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pt_reference.check.cases import Case
from pt_reference.check.simpler.arrays import Knob, arrays_of, with_arrays


@dataclass(frozen=True)
class Place:
    """An axis of an array; with groups, the same indices are kept in each block of it."""

    array: str
    axis: int
    blocks: int = 1


def sizes(layer: str, case: Case) -> Iterator[Knob]:
    """Shorten all axes at once, then each."""
    axes = _axes(layer, case)
    yield partial(_shorter_all, layer)
    for places in axes:
        yield partial(_shorter, layer, places=places)


def _axes(layer: str, case: Case) -> list[list[Place]]:
    """Return the axes of all arrays, those together that must have one length."""
    ndim = {k: v.ndim for k, v in arrays_of(case).items()}
    has_bias = "bias" in ndim
    if layer == "Linear":
        bias = [Place("bias", 0)] * has_bias
        leading = [[Place("x", i)] for i in range(ndim["x"] - 1)]
        inputs = [Place("x", ndim["x"] - 1), Place("weight", 1)]
        return [*leading, inputs, [Place("weight", 0), *bias]]
    if layer == "Conv2d":
        groups = case.options.get("groups", 1)
        bias = [Place("bias", 0, groups)] * has_bias
        first = ndim["x"] - 3
        height, width = case.inputs["weight"].shape[2:]
        kernel = [Place("weight", 2), Place("weight", 3)]
        return [
            *([Place("x", i)] for i in range(first)),
            [Place("x", first, groups), Place("weight", 1)],
            [Place("weight", 0, groups), *bias],
            *([kernel] if height == width else [[side] for side in kernel]),
            [Place("x", first + 1)],
            [Place("x", first + 2)],
        ]
    if layer == "NLLLoss":
        classes = 1 if ndim["x"] > 1 else 0
        others = [i for i in range(ndim["x"]) if i != classes]
        weight = [Place("weight", 0)] * ("weight" in ndim)
        rows = [[Place("x", i), Place("target", max(0, i - 1))] for i in others]
        return [*rows, [Place("x", classes), *weight]]
    if layer == "Adamax":
        names = [k for k in ndim if "." not in k]
        return [
            [Place(k, i) for k in ndim if k.partition(".")[0] == name]
            for name in names
            for i in range(ndim[name])
        ]
    return [[Place("x", i)] for i in range(ndim["x"])]


def _shorter_all(layer: str, case: Case) -> Iterator[Case]:
    for length in (1, 2, 3):
        shorter = case
        for places in _axes(layer, case):
            if _length(case, places) > length:
                shorter = _keep(layer, shorter, places, range(length))
        if shorter is not case:
            yield shorter


def _shorter(layer: str, case: Case, places: Sequence[Place]) -> Iterator[Case]:
    for kept in subsets(_length(case, places)):
        yield _keep(layer, case, places, kept)


def _length(case: Case, places: Sequence[Place]) -> int:
    place = places[0]
    return arrays_of(case)[place.array].shape[place.axis] // place.blocks


def _keep(layer: str, case: Case, places: Sequence[Place], kept: Sequence[int]) -> Case:
    """Return the case with some of the indices of an axis."""
    arrays, changed = arrays_of(case), {}
    for place in places:
        array = changed.get(place.array, arrays[place.array])
        length = array.shape[place.axis] // place.blocks
        indices = [block * length + i for block in range(place.blocks) for i in kept]
        changed[place.array] = array.take(indices, place.axis)
    if layer == "NLLLoss" and places[0].axis == min(1, arrays["x"].ndim - 1) and not case.invalid:
        changed["target"] = _classes_among(kept, arrays["target"])
    return with_arrays(replace(case, grad_output=None), changed)


def _classes_among(kept: Sequence[int], target: np.ndarray) -> np.ndarray:
    """Return targets by the classes' new numbers; what is no class (-100) stays."""
    among = np.searchsorted(list(kept), target).clip(0, len(kept) - 1)
    return np.where(target < 0, target, among)


def subsets(count: int) -> Iterator[Sequence[int]]:
    """Yield which of some things to keep: one, two, half of them, all but one."""
    seen: list[Sequence[int]] = [range(count)]
    every = range(count)
    shorter = [every[:1], every[-1:], every[:2], every[: count // 2], every[count // 2 :]]
    for kept in [*map(list, shorter), *([j for j in every if j != i] for i in reversed(every))]:
        if 0 < len(kept) < count and kept not in seen:
            seen.append(kept)
            yield kept

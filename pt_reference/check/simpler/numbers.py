"""Plainer numbers: small whole ones, zeros first."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np

from pt_reference.check.cases import Case
from pt_reference.check.simpler.arrays import Knob, all_arrays, with_arrays


def numbers(layer: str, case: Case) -> Iterator[Knob]:
    """Put small whole numbers, first of all zeros, in the place of others."""
    arrays = all_arrays(case)
    for name in arrays:
        yield partial(_whole, layer, name=name)
    for name, array in arrays.items():
        if array.size > 3:
            half = array.size // 2
            yield partial(_some, layer, name=name, at=range(half))
            yield partial(_some, layer, name=name, at=range(half, array.size))
        for i in range(array.size):
            yield partial(_some, layer, name=name, at=[i])


def in_order(layer: str, case: Case) -> Iterator[Knob]:
    """Count 1, 2, 3 where the numbers do not matter: that shows what stands where."""
    for name in all_arrays(case):
        if name != "target":
            yield partial(_counted, layer, name=name)


def _counted(layer: str, case: Case, name: str) -> Iterator[Case]:
    array = all_arrays(case)[name]
    counted = np.arange(1, array.size + 1).reshape(array.shape).astype(array.dtype)
    if layer == "NLLLoss" and name == "x":
        counted = -counted  # as logarithms of probabilities are
    if np.isfinite(array).all() and not np.array_equal(array, counted):
        yield with_arrays(case, {name: counted})


def _whole(layer: str, case: Case, name: str) -> Iterator[Case]:
    """Yield simpler numbers for a whole array: those that are one stay one."""
    array = all_arrays(case)[name]
    if not np.isfinite(array).all() or array.size == 0:
        return
    _, rank = np.unique(array, return_inverse=True)
    rank = rank.reshape(array.shape)
    values = [np.full(array.shape, value) for value in _plain(layer, case, name)]
    if name != "target":
        if layer != "NLLLoss":
            counted = np.arange(1, array.size + 1).reshape(array.shape)
            distinct = int(rank.max()) + 1 == array.size
            values += [counted, rank + 1] if distinct else [rank + 1]
        values.append(rank - rank.max() - 1)
    for new in values:
        if _cost(new := new.astype(array.dtype)) < _cost(array):
            yield with_arrays(case, {name: new})


def _some(layer: str, case: Case, name: str, at: Iterable[int]) -> Iterator[Case]:
    """Yield simpler numbers for some elements: whole ones, or ones of few digits."""
    array, at, plain = all_arrays(case)[name], list(at), _plain(layer, case, name)
    old = array.flat[at]
    if not np.isfinite(old).all():
        return
    values: list[Any] = list(plain)
    if array.dtype.kind == "f" and plain:
        rounded = [np.round(old), *(_digits(old, n) for n in (1, 2))]
        values += [new for new in rounded if 0 in plain or np.all(new)]
    for value in values:
        new = array.copy()
        new.flat[at] = value
        if _cost(new.flat[at]) < _cost(old):
            yield with_arrays(case, {name: new})


def _plain(layer: str, case: Case, name: str) -> tuple[float, ...]:
    """Return the numbers that are tried first. None may make a kink where there was none."""
    if layer == "MaxPool2d" and name == "x" and case.convention == "":
        return ()
    if layer == "ReLU" and name == "x" and case.convention != "kink":
        return (1, -1)
    if name == "weight" and layer == "NLLLoss":
        return (1, 2)
    if name == "target":
        return (0, 1)
    return (0, -1) if layer == "NLLLoss" and name == "x" else (0, 1, -1)


def _cost(array: np.ndarray) -> tuple[int, list[float]]:
    """Return how hard numbers are to read; among equals, those in order come first."""
    return sum(_length_of(v) for v in array.flat), array.ravel().tolist()


def _length_of(value: Any) -> int:
    if not np.isfinite(value):
        return 0
    if value == int(value) and abs(value) < 100:
        return 2 * abs(int(value)) + bool(value < 0)
    mantissa, exponent = f"{abs(value):.16e}".split("e")
    return 200 + 20 * len(mantissa.rstrip("0")) + abs(int(exponent))


def _digits(values: np.ndarray, count: int) -> np.ndarray:
    return np.array([float(f"{v:.{count - 1}e}") for v in values])

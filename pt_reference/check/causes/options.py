"""Which option is it? Those that are left out, have another default, or only ever fail."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from pt_reference.check.cases import Case
from pt_reference.check.causes.arrays import ratio
from pt_reference.check.causes.evidence import Evidence, same
from pt_reference.check.causes.words import say
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import Cause, Failure

OTHER = {
    "reduction": ("mean", "sum", "none"),
    "ceil_mode": (True,),
    "stride": (1, 2),
    "dilation": (2,),
}


def left_out(e: Evidence) -> Cause | None:
    """Ask for the case without one of its options."""
    for name in e.case.options:
        if name in ("bias", *LAYERS[e.layer].required):
            continue
        options = {k: v for k, v in e.case.options.items() if k != name}
        if e.tells_apart(e.if_(options=options)):
            return say(f"ignores_option:{name}", f"with {name}")
    return None


def other_value(e: Evidence) -> Cause | None:
    """Ask for another value of an option that is not passed."""
    for name in set(OTHER) & set(LAYERS[e.layer].options) - set(e.case.options):
        for value in OTHER[name]:
            if e.tells_apart(e.if_(options={**e.case.options, name: value})):
                return say(f"wrong_default:{name}", f"wherever {name} is not given")
    return None


def default_by_pattern(
    layer: str, failures: Sequence[Failure], passed: Sequence[Case]
) -> Cause | None:
    """Find the option without which most cases are wrong, and with which none is."""
    if failures[0].check not in ("forward", "optimizer"):
        return None
    plain = {f.case.name for f in failures if f.case.layout == "C" and not f.case.beyond}
    for name in LAYERS[layer].options:
        with_it = [case for case in passed if name in case.options and not case.beyond]
        without = {c.name for c in passed if name not in c.options and not c.beyond}
        none_fails = not any(name in f.case.options for f in failures)
        if name != "bias" and with_it and none_fails and len(plain) > 2 * len(without - plain):
            return say(f"wrong_default:{name}", f"wherever {name} is not given")
    return None


def by_pattern(layer: str, failures: Sequence[Failure], passed: Sequence[Case]) -> Cause | None:
    """Find the option that all wrong cases pass."""
    name = _always(layer, failures, passed)
    if not name:
        return None
    # Were it ignored, an update would be that without it.
    if LAYERS[layer].is_optimizer or _is_used(layer, failures, name):
        return say(f"misuses_option:{name}", f"only with {name}")
    found = say(f"ignores_option:{name}", f"only with {name}")
    looks = f"yours is wrong only with {name}: it is ignored somewhere, or used in another way"
    return replace(found, cause=looks)


def _always(layer: str, failures: Sequence[Failure], passed: Sequence[Case]) -> str:
    """Return the option that all wrong cases pass; of several, the one fewest right ones do."""
    if not any(case.name == "base" for case in passed):
        return ""
    always = [
        name
        for name in LAYERS[layer].options
        if all(name in (*f.case.options, *f.case.needs) for f in failures)
    ]
    return min(always, key=lambda k: sum(k in (*c.options, *c.needs) for c in passed), default="")


def _is_used(layer: str, failures: Sequence[Failure], name: str) -> bool:
    """Return whether an option makes a difference, though not the right one.

    Where it is ignored in one place of a formula, what comes out is PyTorch's without it, times a
    number: of one number alone that is no evidence.
    """
    several = [f for f in failures if f.yours is not None and f.yours.size > 1]
    ignored = []
    for f in several:
        without = _without(layer, f, name)
        if without is not None and without.shape == f.yours.shape:
            ignored.append(same(f.yours, without) or ratio(f.yours, without) is not None)
    return 2 * len(ignored) > len(several) and not any(ignored)


def _without(layer: str, failure: Failure, name: str) -> np.ndarray | None:
    """Return PyTorch's answer without an option that is passed."""
    if name not in failure.case.options:
        return None
    options = {k: v for k, v in failure.case.options.items() if k != name}
    return Evidence(layer, failure).if_(options=options)


def wrong_size(layer: str, failures: Sequence[Failure], passed: Sequence[Case]) -> Cause | None:
    """Recognise outputs whose size is wrong only with an option, and is not that without it.

    Where the option must not change the size, it has been misunderstood; else the formula is wrong.
    """
    name = _always(layer, failures, passed)
    wrong = [f for f in failures if f.problem == "shape" and f.check == "forward"]
    if not name or 2 * len(wrong) <= len(failures):
        return None
    must_not = []
    for f in wrong:
        without = _without(layer, f, name)
        if without is None or all(map(_one_of, f.yours.shape, f.expected.shape, without.shape)):
            return None  # along each axis the option is used or ignored
        must_not.append(without.shape == f.expected.shape)
    if all(must_not):
        return say(f"misuses_option:{name}", f"only with {name}")
    smallest = min(wrong, key=lambda f: f.case.size)
    return say("shape", f"only with {name}", f"{smallest.text}: only with {name}")


def _one_of(size: int, *others: int) -> bool:
    return size in others


def not_square(layer: str, failures: Sequence[Failure], passed: Sequence[Case]) -> Cause | None:
    """Recognise what is wrong only where rows and columns have different settings."""
    if not passed or not all(_is_uneven(f.case) for f in failures):
        return None
    return say("transposed", "rows and columns", "squares hide it")


def _is_uneven(case: Case) -> bool:
    pairs = [v for v in case.options.values() if isinstance(v, tuple) and len(v) == 2]
    weight = case.inputs.get("weight")
    if weight is not None and weight.ndim == 4:
        pairs.append(weight.shape[2:])
    return any(a != b for a, b in pairs) and "betas" not in case.options


def layout(layer: str, failures: Sequence[Failure], passed: Sequence[Case]) -> Cause | None:
    """Recognise what is wrong only for arrays that lie in memory in another order."""
    if all(f.case.layout != "C" for f in failures) and passed:
        return say("layout", "F order, slices")
    return None


def extremes(layer: str, failures: Sequence[Failure], passed: Sequence[Case]) -> Cause | None:
    """Recognise what is wrong only for large numbers."""
    largest = [np.abs(f.case.inputs["x"]).max(initial=0) for f in failures if "x" in f.case.inputs]
    if passed and largest and min(largest) > 50:
        return say("unstable", failures[0].case.name)
    return None


def exchanged(e: Evidence) -> Cause | None:
    """Ask for two options with each other's values."""
    values = {**LAYERS[e.layer].options, **e.case.options}
    numbers = [k for k, v in values.items() if type(v) is int and k != "groups"]
    for a, b in combinations(numbers, 2):
        swapped = {**e.case.options, a: values[b], b: values[a]}
        if e.tells_apart(e.if_(options=swapped)):
            found = say(f"misuses_option:{a}", f"{a} and {b}")
            return replace(found, cause=f"{a} and {b} are exchanged")
    return None


def ties(layer: str, failures: Sequence[Failure], passed: Sequence[Case]) -> Cause | None:
    """Recognise what is wrong only where several maxima are equal."""
    if passed and all(f.case.convention == "ties" for f in failures):
        return say("ties", "where numbers are equal")
    return None

"""Gradients that PyTorch too would have, had the upstream gradient been another.

Backward is linear in the upstream gradient g: a loop that misses the last sample, one that
overwrites, one that takes the wrong axis are each backward of another g.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from pt_reference.check import oracle
from pt_reference.check.causes.arrays import ratio
from pt_reference.check.causes.evidence import Evidence, ends, near, only, same, without
from pt_reference.check.causes.words import axes_in_words, say
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import Cause

AT_MOST = 40  # contributions to look at one by one


def upstream_ignored(e: Evidence) -> Cause | None:
    """Ask for a g that does not depend on the given one."""
    g = e.upstream
    others = [np.ones_like(g), -np.ones_like(g)]
    for i in range(g.ndim):
        largest = (g == g.max(i, keepdims=True)).astype(g.dtype)
        others += [largest, -largest]
    for other in others:
        if not same(other, g) and e.tells_apart(e.if_(grad_output=other)):
            return say("ignores_grad_output", "everywhere")
    mask = e.if_(grad_output=np.ones_like(g))
    if g.ndim == 0 and mask is not None and (r := ratio(e.yours, mask)) is not None:
        return say("ignores_grad_output") if np.isclose(abs(r), 1) else None
    return None


def upstream_cut(e: Evidence) -> Cause | None:
    """Ask for g without its negative numbers, or for their sizes."""
    g = e.upstream
    for other in (np.maximum(g, 0), np.abs(g)):
        if e.tells_apart(e.if_(grad_output=other)):
            return say("only_negative", "where grad_output is negative", "grad_output")
    return None


def last_one_counts(e: Evidence) -> Cause | None:
    """Ask for the last index of an axis of g alone: of two, the first may be left out instead."""
    g = e.upstream
    for axis, side, index in ends(g):
        if side == "last" and e.tells_apart(e.if_(grad_output=only(g, axis, index))):
            return say("overwritten_not_added", f"axis {axis}", f"axis {axis} of grad_output")
    return None


def end_left_out(e: Evidence) -> Cause | None:
    """Ask for g without the first or last index of an axis, or with it alone."""
    g = e.upstream
    for axis, side, index in ends(g):
        if e.tells_apart(e.if_(grad_output=without(g, axis, index))):
            return say("boundary", f"axis {axis} of grad_output", side, axis, "grad_output")
        if e.tells_apart(e.if_(grad_output=only(g, axis, index))):
            return say("boundary", f"axis {axis}", "second and every later", axis, "grad_output")
    return None


def turned(e: Evidence) -> Cause | None:
    """Ask for g turned, transposed, averaged or summed."""
    g = e.upstream
    for axes in [(i,) for i in range(g.ndim)] + [(-2, -1)] * (g.ndim > 2):
        if e.tells_apart(e.if_(grad_output=np.flip(g, axes).copy())):
            return say("flipped", "grad_output", "grad_output")
    for i, j in combinations(range(g.ndim), 2):
        other = g.swapaxes(i, j)
        if e.tells_apart(e.if_(grad_output=other.reshape(g.shape).copy())):
            known = "transposed" if other.shape == g.shape else "permuted"
            return say(known, f"axes {i} and {j} of grad_output", " of grad_output")
    for i, size in enumerate(g.shape):
        for kind, total in (("averaged", g.mean), ("summed_over_wrong_axis", g.sum)):
            other = np.broadcast_to(total(axis=i, keepdims=True), g.shape).copy()
            if size > 1 and e.tells_apart(e.if_(grad_output=other)):
                along = "the length of" if kind == "averaged" else ", before the product:"
                return say(kind, f"axis {i}", f"{along} axis {i}")
    return None


def second_term(e: Evidence) -> Cause | None:
    """Recognise, where the gradient is g and a term, that term with a factor or of other sums."""
    g = e.upstream
    if not e.same_shape or g.shape != e.expected.shape or g.ndim < 2:
        return None
    yours, right = e.yours - g, e.expected - g
    if not np.all(np.abs(right) > 1e-9) or same(e.expected, g):
        return None
    if same(e.yours, g):
        return say("missing_term", "everywhere")
    y = e.answer["output"]
    for name, array in {"the output": y, "the output's exponential": np.exp(y)}.items():
        if same(-yours, array):
            return say("ignores_grad_output", "a term")
        if same(e.yours - right, g * array):
            return say("wrong_operand", "a term", f"grad_output is multiplied by {name}")
    for dim in range(g.ndim) if "dim" in LAYERS[e.layer].options else ():
        other = oracle.answer(e.layer, replace(e.case, options={"dim": dim}))["output"]
        if e.tells_apart(g + right * np.exp(other - y)):
            return say("wrong_axis", f"axis {dim}", f": a term is normalised along axis {dim}")
    factors = yours / right
    factor = float(factors.flat[0])
    if np.allclose(factors, factor, rtol=1e-6):
        if np.isclose(factor, -1):
            return say("sign", "a term", " in one of its terms")
        sizes = [i for i, n in enumerate(g.shape) if n > 1 and np.isclose(factor * n, 1)]
        found = f"the length of axis {sizes[0]}" if sizes else ""
        return (
            say("averaged", "a term", found) if sizes else say("scaled", "a term", f"{factor:.4g}")
        )
    for axis in range(factors.ndim):
        if np.allclose(factors, np.take(factors, [0], axis), rtol=1e-6):  # one factor a row
            sums = factors * g.sum(axis, keepdims=True)
            if np.allclose(sums, g.sum(), rtol=1e-6):
                return say("summed_over_wrong_axis", "a term", ": all of them at once")
            if np.allclose(factors * np.exp(y).sum(axis, keepdims=True), 1, rtol=1e-6):
                return say(
                    "wrong_axis", f"axis {axis}", f": a term is normalised along axis {axis}"
                )
            found = f"PyTorch's with another factor along axis {axis} in one of its terms"
            return say("wrong_operand", "a term", found)
    if factors.ndim == 2 and np.linalg.matrix_rank(factors, rtol=1e-6) == 1:
        return say("summed_over_wrong_axis", "a term")
    return None


def wrong_operand(e: Evidence) -> Cause | None:
    """Recognise another array as a factor, or as what a mask is taken from."""
    x, y, g = e.case.inputs["x"], e.answer["output"], e.upstream
    named = {"x": x, "the output": y, "the output's exponential": np.exp(np.minimum(y, 50))}
    where = (e.expected != 0) & (near(e.expected, e.expected))
    for name, array in named.items():
        if e.same_shape and array.shape == e.expected.shape and where.sum() > 2:
            product = e.expected * array
            if e.tells_apart(product) or ratio(e.yours, product) is not None:
                return say("wrong_operand", "everywhere", f"it is multiplied by {name}")
    if g.shape == e.yours.shape:
        for name, array in {**named, "grad_output": g}.items():
            if array.shape == g.shape and e.tells_apart(g * array):
                return say("wrong_operand", "everywhere", f"grad_output times {name}")
            if array.shape == g.shape and e.tells_apart(g * (array > 0)):
                return say("wrong_operand", "the mask", f"the mask is taken from {name}")
            if array.shape == g.shape and e.tells_apart(g * (array <= 0)):
                return say("wrong_operand", "the mask", "the mask is the wrong way round")
    for axis in range(x.ndim) if x.shape == g.shape else ():
        if e.tells_apart(g * (np.flip(x, axis) > 0)):
            return say("flipped", f"axis {axis}", f"axis {axis} of x, for the mask")
    if "weight" in e.case.inputs and e.failure.where == "grad_weight":
        for name in ("output", "grad_output"):
            array = e.answer[name]
            if array.shape == x.shape and e.tells_apart(e.if_(inputs={"x": array})):
                return say("wrong_operand", "x", f"{name} stands where x is meant")
    return None


def x_turned(e: Evidence) -> Cause | None:
    """Ask for the weight's gradient for x turned, or without an end."""
    if e.failure.where != "grad_weight":
        return None
    x = e.case.inputs["x"]
    for axes in [(i,) for i in range(x.ndim)] + [(-2, -1)] * (x.ndim > 2):
        if e.tells_apart(e.if_(inputs={"x": np.flip(x, axes).copy()})):
            return say("flipped", "x", "x")
    for axis, side, index in ends(x):
        if e.tells_apart(e.if_(inputs={"x": without(x, axis, index)})):
            return say("boundary", f"axis {axis} of x", side, axis, "x")
    return None


def upstream_summed(e: Evidence) -> Cause | None:
    """Recognise a sum of g over other axes."""
    g = e.upstream
    for k in range(g.ndim + 1):
        for axes in combinations(range(g.ndim), k):
            part = g.sum(axes)
            if part.ndim <= 1 and e.tells_apart(part) and e.failure.where != "grad_input":
                return say(
                    "summed_over_wrong_axis", axes_in_words(axes), f": {axes_in_words(axes)}"
                )
    return None


def overwritten(e: Evidence) -> Cause | None:
    """Write contributions one after the other, each over what was there."""
    if not e.same_shape or np.any((e.yours != 0) & (e.expected == 0)):
        return None
    for what, parts in _contributions(e):
        result = np.zeros_like(e.expected)
        for part in parts:
            result = np.where(part != 0, part, result)
        if e.tells_apart(result):
            return say("overwritten_not_added", "where contributions meet", what)
    return None


def own_element_only(e: Evidence) -> Cause | None:
    """Ask for each input's share of its own output only: the Jacobian's diagonal."""
    g = e.upstream
    if not e.same_shape or g.shape != e.yours.shape or g.size > AT_MOST or same(e.expected, g):
        return None
    own = np.zeros_like(g)
    for index in np.ndindex(g.shape):
        part = e.if_(grad_output=_at(g, [slice(i, i + 1) for i in index]))
        if part is None:
            return None
        own[index] = part[index]
    if not e.tells_apart(own):
        return None
    return say("not_summed", "each row", "each input gets its own output's share, not the others'")


def _contributions(e: Evidence) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Yield the gradient in parts: by places of g, by samples or channels, by cells of a kernel."""
    g = e.upstream
    for axes in [a for k in range(1, g.ndim + 1) for a in combinations(range(g.ndim), k)]:
        sizes = [g.shape[i] for i in axes]
        if 1 < np.prod(sizes) <= AT_MOST:
            parts = []
            for index in np.ndindex(*sizes):
                at = [slice(None)] * g.ndim
                for i, n in zip(axes, index, strict=True):
                    at[i] = slice(n, n + 1)
                parts.append(e.if_(grad_output=_at(g, at)))
            if not any(part is None for part in parts):
                yield f"along {axes_in_words(axes)} of grad_output", parts
    weight = e.case.inputs.get("weight")
    if weight is not None and weight.ndim == 4 and e.failure.where == "grad_input":
        cells = []
        for u, v in np.ndindex(*weight.shape[2:]):
            kept = np.zeros_like(weight)
            kept[:, :, u, v] = weight[:, :, u, v]
            cells.append(e.if_(inputs={"weight": kept}))
        yield "the cells of the kernel", cells


def _at(g: np.ndarray, at: list[slice]) -> np.ndarray:
    kept = np.zeros_like(g)
    kept[tuple(at)] = g[tuple(at)]
    return kept


COUNTERFACTUALS = (
    upstream_ignored, upstream_cut, last_one_counts, end_left_out, second_term, upstream_summed,
    turned, x_turned, wrong_operand, own_element_only, overwritten,
)  # fmt: skip

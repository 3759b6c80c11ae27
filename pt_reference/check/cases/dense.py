"""Cases of the layers on rows: Linear, ReLU, LogSoftmax, NLLLoss."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from pt_reference.check.cases.case import Case
from pt_reference.check.cases.draw import Draw


def linear(draw: Draw) -> Iterator[Case]:
    """Sizes that differ, so that no axis can pass for another; and sizes that do not."""

    def case(name: str, *shape: int, out: int = 3, bias: bool = True, **more: Any) -> Case:
        *shape, out = draw.sizes(*shape, out)
        inputs = {"x": draw.normal(*shape), "weight": draw.normal(out, shape[-1])}
        if bias:
            return Case(name, inputs | {"bias": draw.normal(out)}, **more)
        return Case(name, inputs, {"bias": False}, **more)

    yield case("base", 5, 4, repeat=2)
    yield case("square", 4, 4, out=4)
    yield case("N=1", 1, 4)
    yield case("no bias", 5, 4, bias=False)
    yield case("one output", 5, 4, out=1)
    yield case("one input", 5, 1)
    yield case("F order", 5, 4, layout="F")
    yield case("sliced", 5, 4, layout="sliced")
    yield case("another call before", 2, 4, other_call="before")
    yield case("another call between", 2, 4, other_call="between")
    yield case("float32", 5, 4).single()
    yield case("N=0", 0, 4, beyond=True)
    yield case("1-D input", 4, beyond=True)
    yield case("3-D input", 2, 5, 4, beyond=True)


def relu(draw: Draw) -> Iterator[Case]:
    """Both signs, zeros, and numbers that are none."""

    def case(name: str, x: np.ndarray, **more: Any) -> Case:
        return Case(name, {"x": x}, **more)

    def normal(*least: int) -> np.ndarray:
        return draw.normal(*draw.sizes(*least))

    yield case("base", normal(5, 4), repeat=2)
    yield case("images", normal(2, 3, 4, 5))
    yield case("N=1", normal(1, 4))
    yield case("all negative", -np.abs(normal(3, 4)))
    yield case("all positive", np.abs(normal(3, 4)))
    yield case("large and small", draw.normal(4, 4) * 10.0 ** draw.integers(-12, 7, 4, 4))
    yield case("zeros", draw.integers(-1, 2, 4, 5), convention="kink")
    yield case("F order", normal(5, 4), layout="F")
    yield case("sliced", normal(5, 4), layout="sliced")
    yield case("another call before", normal(2, 4), other_call="before")
    yield case("another call between", normal(2, 4), other_call="between")
    yield case("float32", normal(5, 4)).single()
    with_nan = draw.normal(3, 4)
    with_nan[1, 2] = np.nan
    yield case("NaN in x", with_nan, convention="nan", forward_only=True)
    yield case("N=0", normal(0, 4), beyond=True)
    yield case("1-D input", normal(4), beyond=True)
    yield case("3-D input", normal(2, 3, 4), beyond=True)
    yield case("0-D input", np.asarray(1.5), beyond=True)


def log_softmax(draw: Draw) -> Iterator[Case]:
    """Rows, columns, and logits that exp cannot bear."""

    def case(name: str, x: np.ndarray, dim: int | None = None, **more: Any) -> Case:
        return Case(name, {"x": x}, {} if dim is None else {"dim": dim}, **more)

    def normal(*least: int) -> np.ndarray:
        return draw.normal(*draw.sizes(*least))

    yield case("base", normal(5, 4), repeat=2)
    yield case("square", normal(4, 4))
    yield case("N=1", normal(1, 4))
    yield case("C=1", normal(4, 1))
    yield case("dim=0", normal(5, 4), 0)
    yield case("logits 1000", normal(3, 4) * 3 + 1000)
    yield case("logits -1000", normal(3, 4) * 3 - 1000)
    apart = np.array([[900.0], [0.0], [-900.0]])
    yield case("rows of different size", draw.normal(3, 4) + apart)
    spread = draw.normal(3, 4)
    spread[:, 1] -= 60
    spread[:, 3] -= 800
    yield case("wide rows", spread)
    for number in (2000.0, -3000.0):  # no mean or minimum of a row saves it
        alone = draw.normal(3, 4)
        alone[np.arange(3), [0, 2, 1]] = number
        yield case(f"one logit {number:.0f} in a row", alone)
    yield case("F order", normal(5, 4), layout="F")
    yield case("sliced", normal(5, 4), layout="sliced")
    yield case("another call before", normal(2, 4), other_call="before")
    yield case("another call between", normal(2, 4), other_call="between")
    yield case("float32", normal(5, 4)).single()
    yield case("float32, logits 100", normal(3, 4) * 3 + 100).single()
    hidden = draw.normal(3, 4)
    hidden[1, 2] = -np.inf
    yield case("-inf in x", hidden, convention="infinity")
    with_nan = draw.normal(3, 4)
    with_nan[1, 2] = np.nan
    yield case("NaN in x", with_nan, convention="nan")
    yield case("dim=-1", normal(5, 4), -1, beyond=True)
    yield case("N=0", normal(0, 4), beyond=True)
    yield case("1-D input", normal(4), 0, beyond=True)
    yield case("3-D input, dim=1", normal(2, 3, 4), 1, beyond=True)
    yield case("3-D input, dim=-1", normal(2, 3, 4), -1, beyond=True)
    yield case("images, dim=1", normal(2, 3, 4, 5), 1, beyond=True)


def nll_loss(draw: Draw) -> Iterator[Case]:
    """All reductions with and without weights and ignored targets; targets that are none."""

    def case(name: str, *shape: int, target: Any = None, **more: Any) -> Case:
        if target is None:
            shape = draw.sizes(*shape)
            target = draw.classes(shape[1], shape[0], *shape[2:])
        x = draw.log_probs(*shape)
        options = {k: more.pop(k) for k in ("ignore_index", "reduction") if k in more}
        if more.pop("weight", False):
            options["weight"] = np.abs(draw.normal(shape[1])) + 0.2
        return Case(name, {"x": x, "target": np.asarray(target)}, options, **more)

    ignored = np.array([1, -100, 3, 0, -100])
    yield case("base", 5, 4, repeat=2)
    yield case("square", 4, 4)
    yield case("N=1", 1, 4)
    yield case("mean", 5, 4, reduction="mean")
    yield case("sum", 5, 4, reduction="sum")
    yield case("none", 5, 4, reduction="none")
    yield case("equal targets", 5, 4, target=np.full(5, 2))
    yield case("weights", 5, 4, weight=True)
    yield case("weights, sum", 5, 4, weight=True, reduction="sum")
    yield case("weights, none", 5, 4, weight=True, reduction="none")
    yield case("ignored", 5, 4, target=ignored, needs=("ignore_index",))
    yield case("ignored, sum", 5, 4, target=ignored, reduction="sum", needs=("ignore_index",))
    yield case("ignored, none", 5, 4, target=ignored, reduction="none", needs=("ignore_index",))
    yield case("ignore_index=1", 5, 4, ignore_index=1)
    yield case("ignore_index=1, weights", 5, 4, ignore_index=1, weight=True)
    yield case("F order", 5, 4, layout="F")
    yield case("sliced", 5, 4, layout="sliced")
    yield case("another call before", 2, 4, other_call="before")
    yield case("another call between", 2, 4, other_call="between")
    yield case("float32", 5, 4).single()
    yield case("float32, weights", 5, 4, weight=True).single()
    yield case("target -1", 3, 4, target=[0, -1, 2], invalid=True)
    yield case("target C", 3, 4, target=[0, 4, 2], invalid=True)
    yield case("(N, 1) target", 3, 4, target=[[0], [3], [2]], invalid=True)
    nothing = np.full(3, -100)
    yield case(
        "all ignored", 3, 4, target=nothing, needs=("ignore_index",), convention="empty_mean"
    )
    yield case("all ignored, sum", 3, 4, target=nothing, reduction="sum", needs=("ignore_index",))
    impossible = case("-inf at another class", 3, 4, target=[0, 1, 2], convention="infinity")
    impossible.inputs["x"][:, 3] = -np.inf
    yield impossible
    yield case("N=0", 0, 4, beyond=True, convention="empty_mean")
    yield case("N=0, sum", 0, 4, reduction="sum", beyond=True)
    yield case("(N, C, d)", 2, 4, 3, beyond=True)
    yield case("(N, C, H, W), none", 2, 4, 3, 5, reduction="none", beyond=True)
    unbatched = {"x": draw.log_probs(1, 4)[0], "target": np.asarray(2)}
    yield Case("1-D input", unbatched, beyond=True)

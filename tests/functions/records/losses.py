"""Losses."""

import numpy as np
from hypothesis import strategies as st

from ..draws import shapes
from .record import INF, Wrong, case, ones, operation


def nll_loss(draw, numbers):
    n, c, rest = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(shapes(0, 2, 1, 3))
    batched = draw(st.integers(0, 3)) > 0
    x = numbers((n, c, *rest) if batched else (c,))
    target = numbers.integers(0, c, (n, *rest) if batched else ())
    options = {"reduction": draw(st.sampled_from(["none", "mean", "sum"]))}
    if draw(st.booleans()):
        options["weight"] = numbers.uniform(0.1, 2.0, (c,))
    if draw(st.booleans()):
        options["ignore_index"] = draw(st.integers(0, c - 1))
        if draw(st.booleans()):
            options["ignore_index"] = -1
            target = np.where(numbers.mask(target.shape), -1, target)
    if numbers.distinct:  # the mean of nothing is NaN: see the samples
        options["ignore_index"] = -100
        target = np.asarray(np.maximum(target, 0))
    return (x,), options | {"target": target}


two_rows, one_is_inf = [[-0.1, -2.0, -3.0], [-1.0, -0.5, -4.0]], [[-INF, 0.0], [0.0, -INF]]
operation(
    "nll_loss",
    lambda fw, x, target, **o: fw.nn.functional.nll_loss(x, target, **o),
    nll_loss,
    {
        "bytes": case(two_rows, target=np.array([2, 0], np.uint8)),
        "bytes, one ignored": case(two_rows, target=np.array([2, 0], np.uint8), ignore_index=2),
        "mean of nothing": case(ones(0, 3), target=np.zeros(0, np.int64)),
        "sum of nothing": case(ones(0, 3), target=np.zeros(0, np.int64), reduction="sum"),
        "all ignored": case(two_rows, target=np.array([-100, -100])),
        "all weights 0": case(two_rows, target=np.array([0, 0]), weight=np.array([0.0, 1, 1])),
        "infinite loss": case(one_is_inf, target=np.array([0, 0]), reduction="none"),
        "infinite, but weight 0": case(
            one_is_inf, target=np.array([0, 0]), weight=np.array([0.0, 1.0]), reduction="none"
        ),
        "one row, none": case([-1.0, -2.0], target=np.array(1), reduction="none"),
    },
    errors={
        "target above": Wrong(
            lambda fw: fw.nn.functional.nll_loss(fw.ones(1, 3), fw.tensor([3])),
            IndexError,
            "Target 3 is out of bounds",
        ),
        "target below": Wrong(
            lambda fw: fw.nn.functional.nll_loss(fw.ones(1, 3), fw.tensor([-1])),
            IndexError,
            "Target -1 is out of bounds",
        ),
        "target type": Wrong(
            lambda fw: fw.nn.functional.nll_loss(fw.ones(1, 3), fw.tensor([1.0])),
            RuntimeError,
            "Long",
        ),
        "target int32": Wrong(
            lambda fw: fw.nn.functional.nll_loss(fw.ones(1, 3), fw.tensor([1]).int()),
            RuntimeError,
            "Long|Int",
        ),
        "target count": Wrong(
            lambda fw: fw.nn.functional.nll_loss(fw.ones(4, 3), fw.tensor([1, 1, 1])),
            ValueError,
            r"batch_size \(4\)",
        ),
        "one-hot target": Wrong(
            lambda fw: fw.nn.functional.nll_loss(fw.ones(2, 3), fw.tensor([[1, 0, 0], [0, 1, 0]])),
            RuntimeError,
            "multi-target not supported",
        ),
        "class weights": Wrong(
            lambda fw: fw.nn.functional.nll_loss(fw.ones(1, 3), fw.tensor([1]), fw.ones(2)),
            RuntimeError,
            "all 3 classes",
        ),
        "reduction": Wrong(
            lambda fw: fw.nn.functional.nll_loss(fw.ones(1, 3), fw.tensor([1]), reduction="avg"),
            ValueError,
            "not a valid value for reduction",
        ),
    },
    raises={
        k: lambda fw, k=k: fw.nn.functional.nll_loss(fw.ones(1, 3), fw.tensor([1]), **{k: False})
        for k in ("size_average", "reduce")
    },
)

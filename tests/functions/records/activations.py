"""Activations."""

import numpy as np
from hypothesis import strategies as st

from ..draws import dim, shapes
from .record import INF, NAN, Wrong, case, one, ones, operation, special

operation(
    "relu",
    lambda fw, x: fw.relu(x),
    one,
    special,
    errors={
        "of bools": Wrong(
            lambda fw: fw.relu(fw.tensor([True])), RuntimeError, "Boolean inputs not supported"
        ),
    },
    kinks=lambda x: (x == 0).any(),
)


def log_softmax(draw, numbers):
    shape = draw(shapes(0, 3, 0, 4))
    scale = draw(st.sampled_from([1.0, 1.0, 30.0])) if not numbers.distinct else 1.0
    return (numbers(shape) * scale,), {"dim": dim(draw, len(shape))}


def logits(*rows):
    return case(np.array(rows, dtype=float), dim=1)


operation(
    "log_softmax",
    lambda fw, x, dim: fw.nn.functional.log_softmax(x, dim),
    log_softmax,
    {
        "huge logits": logits([1e4, 0, -1e4], [1e308, -1e308, 0]),
        "-inf is probability 0": logits([-INF, 0, 1], [1, 2, 3]),
        "nothing but -inf": logits([-INF, -INF], [1, 2]),
        "inf and NaN spoil their row": logits([INF, 0], [NAN, 1], [1, 2]),
        "one class": logits([3.0], [-1.0]),
        "no rows": case(ones(0, 3), dim=1),
        "no classes": case(ones(2, 0), dim=1),
        "a number": case(2.0, dim=0),
    },
    errors={
        "dim": Wrong(
            lambda fw: fw.nn.functional.log_softmax(fw.ones(2, 2), 2),
            IndexError,
            r"range of \[-2, 1\]",
        ),
        "of integers": Wrong(
            lambda fw: fw.nn.functional.log_softmax(fw.tensor([1]), 0),
            NotImplementedError,
            "not implemented for 'Long'",
        ),
    },
)

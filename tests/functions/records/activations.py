"""Activations."""

import numpy as np
from hypothesis import strategies as st

from ..draws import dim, shapes
from .record import INF, NAN, Wrong, case, one, ones, operation, special

TINY = [5e-324, 1e-310, -1e-310, 1e-300, -1e-300, 1e-8, -1e-8]


operation(
    "relu",
    lambda fw, x: fw.relu(x),
    one,
    special | {"zeros": case([[0.0, -0.0], [1.0, -1.0]]), "denormals": case(TINY)},
    errors={
        "of bools": Wrong(
            lambda fw: fw.relu(fw.tensor([True])), RuntimeError, "Boolean inputs not supported"
        ),
    },
    kinks=lambda x: (x == 0).any(),
)
operation(
    "relu in place",
    lambda fw, x: fw.nn.functional.relu(x * 2, inplace=True),
    one,
    special,
    errors={
        "a leaf": Wrong(
            lambda fw: fw.nn.functional.relu(fw.ones(2, requires_grad=True), inplace=True),
            RuntimeError,
            "a leaf Variable that requires grad is being used in an in-place operation",
        ),
    },
    kinks=lambda x: (x == 0).any(),
)
# An infinite gradient stops where relu is 0: it is not multiplied by 0, which were NaN.
operation(
    "relu under an infinite gradient",
    lambda fw, x: fw.relu(x) * fw.tensor([INF, -INF, NAN, INF, NAN], dtype=x.dtype),
    lambda draw, numbers: ((numbers((5,)),), {}),
    {"zeros and NaN": case([0.0, -0.0, -1.0, 1.0, NAN])},
    differences=False,
)


def leaky_relu(draw, numbers):
    return (numbers(draw(shapes())),), {
        "negative_slope": draw(st.sampled_from([0.01, 0.2, 0.0, 1.0, 2.0, -0.5]))
    }


operation(
    "leaky_relu",
    lambda fw, x, **o: fw.nn.functional.leaky_relu(x, **o),
    leaky_relu,
    special
    | {
        "slope 0": case([-INF, -1.0, 0.0, -0.0, 1.0, INF, NAN], negative_slope=0),
        "slope below 0": case([-INF, -1.0, 0.0, 1.0, INF, NAN], negative_slope=-1.0),
        "denormals": case(TINY),
        "a number": case(-2.0),
    },
    errors={
        "of integers": Wrong(
            lambda fw: fw.nn.functional.leaky_relu(fw.tensor([1])),
            NotImplementedError,
            "\"leaky_relu_cpu\" not implemented for 'Long'",
        ),
        "no slope": Wrong(
            lambda fw: fw.nn.functional.leaky_relu(fw.ones(1), None), TypeError, "NoneType"
        ),
    },
    kinks=lambda x, negative_slope: negative_slope != 1 and (x == 0).any(),
)
operation(
    "leaky_relu in place",
    lambda fw, x, **o: fw.nn.functional.leaky_relu(x * 2, inplace=True),
    one,
    special,
    kinks=lambda x: (x == 0).any(),
)

far = {"far out": case([-1e4, -800.0, -745.0, -710.0, -37.0, 37.0, 710.0, 1e4])}
operation("sigmoid", lambda fw, x: fw.sigmoid(x), one, special | far)
operation("tanh", lambda fw, x: x.tanh(), one, special | far | {"denormals": case(TINY)})


def softmax(draw, numbers):
    shape = draw(shapes(0, 3, 0, 4))
    scale = draw(st.sampled_from([1.0, 1.0, 30.0])) if not numbers.distinct else 1.0
    return (numbers(shape) * scale,), {"dim": dim(draw, len(shape))}


def logits(*rows):
    return case(np.array(rows, dtype=float), dim=1)


LOGITS = {
    "huge logits": logits([1e4, 0, -1e4], [1e308, -1e308, 0]),
    "logits far from 0": logits([-1e3, -1001.0], [1e3, 1001.0]),
    "rows of very different size": logits([1e-3, 2e-3], [1e3, 2e3], [-1e6, 1e6]),
    "-inf is probability 0": logits([-INF, 0, 1], [1, 2, 3]),
    "nothing but -inf": logits([-INF, -INF], [1, 2]),
    "inf and NaN spoil their row": logits([INF, 0], [NAN, 1], [1, 2], [INF, INF], [INF, -INF]),
    "as many rows as classes": logits([1, 2, 3], [0, 5, 1], [2, 2, 2]),
    "the first axis": case([[1.0, 2.0], [3.0, -1.0], [0.0, 0.5]], dim=0),
    "the middle axis": case(np.arange(12.0).reshape(2, 3, 2) ** 1.5, dim=1),
    "one row": logits([1, 2, 4]),
    "one class": logits([3.0], [-1.0]),
    "no rows": case(ones(0, 3), dim=1),
    "no rows, along them": case(ones(0, 3), dim=0),
    "no classes": case(ones(2, 0), dim=1),
    "a number": case(2.0, dim=0),
    "an infinite number": case(INF, dim=-1),
}
for name in ("softmax", "log_softmax"):
    operation(
        name,
        lambda fw, x, dim, name=name: getattr(fw.nn.functional, name)(x, dim),
        softmax,
        LOGITS,
        errors={
            "dim": Wrong(
                lambda fw, name=name: getattr(fw, name)(fw.ones(2, 2), 2),
                IndexError,
                r"range of \[-2, 1\]",
            ),
            "dim of a number": Wrong(
                lambda fw, name=name: getattr(fw, name)(fw.tensor(1.0), 1),
                IndexError,
                r"range of \[-1, 0\]",
            ),
            "no dim": Wrong(
                lambda fw, name=name: getattr(fw, name)(fw.ones(2)), TypeError, "missing 1 required"
            ),
            "dim is None": Wrong(
                lambda fw, name=name: getattr(fw, name)(fw.ones(2), None), TypeError, "NoneType"
            ),
            "of integers": Wrong(
                lambda fw, name=name: getattr(fw.tensor([1]), name)(0),
                NotImplementedError,
                f"\"{name}_lastdim_kernel_impl\" not implemented for 'Long'",
            ),
            "of bools": Wrong(
                lambda fw, name=name: getattr(fw.nn.functional, name)(fw.tensor([True]), 0),
                NotImplementedError,
                "not implemented for 'Bool'",
            ),
            "to integers": Wrong(
                lambda fw, name=name: getattr(fw, name)(fw.ones(2), 0, dtype=fw.int64),
                NotImplementedError,
                "not implemented for 'Long'",
            ),
        },
    )

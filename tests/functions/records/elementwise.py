"""Element by element: one input, or two that are broadcast."""

import numpy as np
from hypothesis import strategies as st

from ..draws import broadcastable, shapes
from .record import INF, NAN, SPECIAL, Wrong, case, one, one_positive, operation, special

operation(
    "neg",
    lambda fw, x: -x,
    one,
    special,
    errors={
        "minus a bool": Wrong(
            lambda fw: -fw.tensor([True]), RuntimeError, "bool tensor is not supported"
        ),
    },
)
operation("pos", lambda fw, x: +x, one, special)
operation(
    "abs",
    lambda fw, x: abs(x),
    one,
    special,
    kinks=lambda x: (x == 0).any(),
)
operation("exp", lambda fw, x: fw.exp(x), one, special)
operation("log", lambda fw, x: fw.log(x), one_positive, special)
operation("sqrt", lambda fw, x: fw.sqrt(x), one_positive, special)
operation("clone", lambda fw, x: x.clone(), one)
operation("contiguous", lambda fw, x: x.contiguous(), one)
operation("x + x * x", lambda fw, x: x + x * x, one)
operation("to float32", lambda fw, x: x.to(fw.float32), one, differences=False)
operation("to and back", lambda fw, x: x.float().type(fw.DoubleTensor), one, differences=False)
operation("type_as", lambda fw, x: (x * x).type_as(x), one)
for number in (0, 1, 2, 3, -1, -1.5):
    operation(f"x ** {number}", lambda fw, x, p=number: x**p, one_positive, special)
operation("x ** 0.5", lambda fw, x: x**0.5, one_positive, {"special": case([0, 1, -1, INF, NAN])})
operation("2 ** x", lambda fw, x: 2**x, one, special)
operation("0 ** x", lambda fw, x: 0**x, one_positive, special)
operation("2 + x", lambda fw, x: 2 + x, one)
operation("x - 2.5", lambda fw, x: x - 2.5, one)
operation("2 - x", lambda fw, x: 2 - x, one)
operation("x * True", lambda fw, x: x * True, one)
operation("3 / x", lambda fw, x: 3 / x, one_positive, special)
operation("x / 3", lambda fw, x: x / 3, one, special)

# ---------------------------------------------------------------- two inputs, broadcast


def two(draw, numbers):
    return tuple(numbers(shape) for shape in broadcastable(draw, 2)), {}


def positive_and_any(draw, numbers):
    a, b = broadcastable(draw, 2)
    return (numbers.positive(a), numbers(b)), {}


def scaled(draw, numbers):
    inputs, options = two(draw, numbers)
    return inputs, options | {"alpha": draw(st.sampled_from([2, -0.5, 0]))}


def quotient(draw, numbers):
    """A dividend that no small step brings to a multiple of the divisor."""
    if not numbers.distinct:
        return two(draw, numbers)
    shape = draw(shapes())
    divisor = numbers.uniform(0.5, 2.0, shape) * (1 - 2 * numbers.mask(shape))
    whole, part = numbers.integers(-3, 4, shape), numbers.uniform(0.2, 0.8, shape)
    return (divisor * (whole + part), divisor), {}


def rounded(draw, numbers):
    inputs, _ = quotient(draw, numbers)
    return inputs, {"rounding_mode": draw(st.sampled_from(["floor", "trunc"]))}


pairs = np.meshgrid(SPECIAL, SPECIAL)
specials = {"special values": case(*pairs)}
finite = {"signs": case([3.5, -3.5, 3.5, -3.5, 0.0, 1.0], [2.0, 2.0, -2.0, -2.0, 2.0, 0.0])}

operation(
    "add",
    lambda fw, x, y: x + y,
    two,
    specials,
    errors={
        "broadcast": Wrong(
            lambda fw: fw.ones(2) + fw.ones(3), RuntimeError, r"size of tensor a \(2\) must match"
        ),
    },
)
operation(
    "add alpha",
    lambda fw, x, y, alpha: fw.add(x, y, alpha=alpha),
    scaled,
    errors={
        "alpha": Wrong(
            lambda fw: fw.tensor([1]).add(1, alpha=0.5),
            RuntimeError,
            "alpha must not be a floating",
        ),
    },
)
operation("sub", lambda fw, x, y: x - y, two, specials)
operation("sub alpha", lambda fw, x, y, alpha: x.sub(y, alpha=alpha), scaled)
operation("mul", lambda fw, x, y: x * y, two, specials)
operation("div", lambda fw, x, y: x / y, two, specials)
operation(
    "div rounded",
    lambda fw, x, y, **o: fw.div(x, y, **o),
    rounded,
    errors={
        "rounding mode": Wrong(
            lambda fw: fw.div(fw.ones(1), 2, rounding_mode="up"), RuntimeError, "rounding_mode"
        ),
        "floor division by 0": Wrong(
            lambda fw: fw.tensor([1]) // 0, RuntimeError, "ZeroDivisionError"
        ),
        "floor_divide's gradient": Wrong(
            lambda fw: (fw.ones(2, 3, requires_grad=True) // 2).sum().backward(),
            RuntimeError,
            "floor_divide|does not require",
        ),
    },
)
operation(
    "remainder",
    lambda fw, x, y: x % y,
    quotient,
    finite,
    errors={
        "remainder by 0": Wrong(lambda fw: fw.tensor([1]) % 0, RuntimeError, "ZeroDivisionError"),
    },
)
operation(
    "pow",
    lambda fw, x, y: x**y,
    positive_and_any,
    specials,
    errors={
        "integer power": Wrong(
            lambda fw: fw.tensor([2]) ** -1, RuntimeError, "negative integer powers"
        ),
    },
)


def where(draw, numbers):
    c, a, b = broadcastable(draw, 3)
    return (numbers(a), numbers(b)), {"condition": numbers.mask(c)}


def where_one(draw, numbers):
    inputs, options = where(draw, numbers)
    return inputs[:1], options


operation(
    "where",
    lambda fw, x, y, condition: fw.where(condition, x, y),
    where,
    errors={
        "condition": Wrong(
            lambda fw: fw.where(fw.ones(2), 1.0, 2.0), RuntimeError, "boolean tensor|bool"
        ),
    },
)
operation("where number", lambda fw, x, condition: fw.where(condition, x, 0.0), where_one)
operation(
    "where of a loss",
    lambda fw, x, y: fw.where(x > 0, x * y, y),
    two,
    kinks=lambda x, y: (x == 0).any(),
)

"""Many numbers become one."""

from hypothesis import strategies as st

from ..draws import dim, dims, shapes
from ..twins import Case
from .record import INF, NAN, Wrong, arange, case, one, operation


def reduced(draw, numbers):
    x = numbers(draw(shapes()))
    return (x,), {"dim": dims(draw, x.ndim), "keepdim": draw(st.booleans())}


def not_empty(draw, numbers):
    return (numbers(draw(shapes(min_side=1))),), {}


def along_one(draw, numbers):
    x = numbers(draw(shapes(min_side=1)))
    return (x,), {"dim": dim(draw, x.ndim), "keepdim": draw(st.booleans())}


def smaller(draw, numbers):
    x = numbers(draw(shapes()))
    shape = tuple(1 if draw(st.booleans()) else n for n in x.shape)
    return (x,), {"size": shape[draw(st.integers(0, len(shape))) :] if 0 not in shape else shape}


ties = {"ties": case([[3.0, 3.0, 1.0], [2.0, 3.0, 3.0]]), "NaN": case([[1.0, NAN], [NAN, INF]])}
ties_along = {name: Case(c.inputs, {"dim": 1, "keepdim": False}) for name, c in ties.items()} | {
    "zeros of both signs": case([[0.0, -0.0], [-0.0, 0.0]], dim=1)
}

some_axes = {  # of several, all of different sizes
    "the axis in the middle": case(arange(2, 3, 4), dim=1, keepdim=False),
    "first and last, kept": case(arange(2, 3, 4), dim=(-1, 0), keepdim=True),
}

operation(
    "sum",
    lambda fw, x, **o: fw.sum(x, **o),
    reduced,
    some_axes,
    errors={
        "dim": Wrong(lambda fw: fw.ones(2).sum(2), IndexError, r"range of \[-1, 0\], but got 2"),
        "dim twice": Wrong(
            lambda fw: fw.ones(2, 2).sum((0, -2)), RuntimeError, "appears multiple times"
        ),
    },
)
operation("sum of all", lambda fw, x: x.sum(), one)
operation("sum axis=", lambda fw, x, dim, keepdim: x.sum(axis=dim, keepdims=keepdim), reduced)
operation("sum dtype=", lambda fw, x: x.sum(dtype=fw.float32), one, differences=False)
operation(
    "mean",
    lambda fw, x, **o: x.mean(**o),
    reduced,
    some_axes,
    errors={
        "mean of integers": Wrong(
            lambda fw: fw.tensor([1]).mean(), RuntimeError, "could not infer output dtype"
        ),
    },
)
operation(
    "max",
    lambda fw, x: x.max(),
    not_empty,
    ties,
    errors={
        "max of nothing": Wrong(lambda fw: fw.ones(0).max(), RuntimeError, "numel"),
    },
    kinks=lambda x: (x == x.max()).sum() > 1,
)
operation(
    "min",
    lambda fw, x: fw.min(x),
    not_empty,
    ties,
    kinks=lambda x: (x == x.min()).sum() > 1,
)
operation(
    "max along",
    lambda fw, x, **o: tuple(fw.max(x, **o)),
    along_one,
    ties_along,
    errors={
        "max along nothing": Wrong(lambda fw: fw.ones(2, 0).max(1), IndexError, "non-zero size"),
    },
    kinks=lambda x, dim, keepdim: x.ndim and ((x == x.max(dim, keepdims=True)).sum(dim) > 1).any(),
)
operation(
    "min along",
    lambda fw, x, **o: tuple(x.min(**o)),
    along_one,
    ties_along,
    kinks=lambda x, dim, keepdim: x.ndim and ((x == x.min(dim, keepdims=True)).sum(dim) > 1).any(),
)
operation(
    "sum_to_size",
    lambda fw, x, size: x.sum_to_size(size),
    smaller,
    errors={
        "sum_to_size": Wrong(lambda fw: fw.ones(2).sum_to_size(3), RuntimeError, "not expandable"),
    },
)

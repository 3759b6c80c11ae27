"""The same numbers in another shape."""

from hypothesis import strategies as st

from ..draws import dim, dims, factors, shapes
from .record import Wrong, arange, case, one, operation


def split(draw, numbers):
    x = numbers(draw(shapes()))
    return (x,), {"shape": factors(draw, x.size)}


def flattened(draw, numbers):
    x = numbers(draw(shapes()))
    start, end = sorted(draw(st.integers(0, max(x.ndim, 1) - 1)) for _ in range(2))
    return (x,), {"start": start, "end": end - max(x.ndim, 1)}


def one_split(draw, numbers):
    x = numbers(draw(shapes(1, 3, 1, 6)))
    axis = dim(draw, x.ndim)
    return (x,), {"dim": axis, "sizes": factors(draw, x.shape[axis]) or (1,)}


def two_axes(draw, numbers):
    x = numbers(draw(shapes()))
    return (x,), {"a": dim(draw, x.ndim), "b": dim(draw, x.ndim)}


def reordered(draw, numbers):
    x = numbers(draw(shapes()))
    order = draw(st.permutations(range(x.ndim)))
    return (x,), {"order": tuple(a - x.ndim if draw(st.booleans()) else a for a in order)}


def squeezed(draw, numbers):
    x = numbers(draw(shapes(max_side=2)))
    return (x,), {"dim": dims(draw, x.ndim)}


def unsqueezed(draw, numbers):
    x = numbers(draw(shapes()))
    return (x,), {"dim": draw(st.integers(-x.ndim - 1, x.ndim))}


def expanded(draw, numbers):
    x = numbers(draw(shapes(max_side=2)))
    lead = draw(shapes(0, 2, 0, 2))
    sizes = [draw(st.integers(0, 3)) if n == 1 else draw(st.sampled_from([n, -1])) for n in x.shape]
    return (x,), {"sizes": (*lead, *sizes)}


def several(draw, numbers):
    shape = list(draw(shapes(1, 3, 0, 3)))
    axis = dim(draw, len(shape))
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    inputs = []
    for length in lengths:
        shape[axis] = length
        inputs.append(numbers(tuple(shape)))
    return tuple(inputs), {"dim": axis}


def alike(draw, numbers):
    shape = draw(shapes())
    count = draw(st.integers(1, 3))
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    return tuple(numbers(shape) for _ in range(count)), {"dim": axis}


def matrix(draw, numbers):
    return (numbers(draw(shapes(2, 2))),), {}


def matrices(draw, numbers):
    return (numbers(draw(shapes(2, 4, 0, 3))),), {}


def up_to_2d(draw, numbers):
    return (numbers(draw(shapes(0, 2))),), {}


def images(draw, numbers):
    return (numbers(draw(shapes(4, 4, 0, 3))),), {}


def flat_view(fw, x):
    """Laid out channels-last by what makes it, but to be seen in the order of its axes."""
    return fw.nn.functional.avg_pool2d(x, 1).view(-1) if x.numel() else x.view(0)


operation("view of a pool", flat_view, images, {"two of each": case(arange(2, 2, 2, 2))})
operation(
    "view",
    lambda fw, x, shape: x.view(shape),
    split,
    strided=False,
    errors={
        "two -1": Wrong(
            lambda fw: fw.ones(6).view(-1, -1), RuntimeError, "only one dimension can be inferred"
        ),
        "-1 of too few": Wrong(
            lambda fw: fw.ones(3).view(-1, 2),
            RuntimeError,
            r"shape '\[-1, 2\]' is invalid for input of size 3",
        ),
        "-1 beside 0": Wrong(
            lambda fw: fw.ones(3).view(-1, 0),
            RuntimeError,
            r"shape '\[-1, 0\]' is invalid for input of size 3",
        ),
        "-2": Wrong(lambda fw: fw.ones(6).view(-2), RuntimeError, "invalid shape dimension"),
        "-1 of none": Wrong(lambda fw: fw.ones(0).view(0, -1), RuntimeError, "ambiguous"),
        "view of a transpose": Wrong(
            lambda fw: fw.ones(2, 3).T.view(6), RuntimeError, "view size is not compatible"
        ),
    },
    raises={"dtype": lambda fw: fw.ones(4).view(fw.int32)},
)
operation("view_as", lambda fw, x: x.view_as(x.detach()), one)
operation(
    "reshape",
    lambda fw, x, shape: fw.reshape(x, shape),
    split,
    errors={
        "reshape": Wrong(
            lambda fw: fw.ones(6).reshape(4, 2), RuntimeError, "invalid for input of size 6"
        ),
    },
)
operation(
    "flatten",
    lambda fw, x, start, end: fw.flatten(x, start, end),
    flattened,
    errors={
        "flatten": Wrong(
            lambda fw: fw.ones(2, 2).flatten(1, 0),
            RuntimeError,
            "start_dim cannot come after end_dim",
        ),
    },
)
operation(
    "unflatten",
    lambda fw, x, dim, sizes: x.unflatten(dim, sizes),
    one_split,
    errors={
        "unflatten": Wrong(
            lambda fw: fw.ones(6).unflatten(0, (4, 2)), RuntimeError, "don't multiply up"
        ),
    },
)
operation(
    "transpose",
    lambda fw, x, a, b: x.transpose(a, b),
    two_axes,
    errors={
        "transpose": Wrong(lambda fw: fw.ones(2).transpose(0, 1), IndexError, "out of range"),
    },
)
operation(
    "permute",
    lambda fw, x, order: x.permute(order),
    reordered,
    errors={
        "permute": Wrong(lambda fw: fw.ones(2, 2).permute(0), RuntimeError, "does not match"),
        "permute twice": Wrong(
            lambda fw: fw.ones(2, 2).permute(0, 0), RuntimeError, "duplicate dims"
        ),
    },
)
operation("permute a tuple", lambda fw, x, order: fw.permute(x, order), reordered)
operation(
    "t",
    lambda fw, x: x.t(),
    up_to_2d,
    errors={
        "t": Wrong(lambda fw: fw.ones(2, 2, 2).t(), RuntimeError, "<= 2 dimensions"),
    },
)
operation("T", lambda fw, x: x.T, matrix)
operation("mT", lambda fw, x: x.mT, matrices)
operation("squeeze all", lambda fw, x: x.squeeze(), one)
operation("squeeze", lambda fw, x, dim: x.squeeze() if dim is None else x.squeeze(dim), squeezed)
operation(
    "unsqueeze",
    lambda fw, x, dim: fw.unsqueeze(x, dim),
    unsqueezed,
    errors={
        "unsqueeze": Wrong(
            lambda fw: fw.ones(2).unsqueeze(3), IndexError, r"range of \[-2, 1\], but got 3"
        ),
    },
)
operation(
    "expand",
    lambda fw, x, sizes: x.expand(sizes),
    expanded,
    errors={
        "expand": Wrong(
            lambda fw: fw.ones(2).expand(3), RuntimeError, r"expanded size of the tensor \(3\)"
        ),
        "expand to fewer": Wrong(
            lambda fw: fw.ones(2, 2).expand(2), RuntimeError, "greater or equal"
        ),
    },
)
operation(
    "cat",
    lambda fw, *xs, dim: fw.cat(xs, dim),
    several,
    errors={
        "cat of none": Wrong(lambda fw: fw.cat([]), ValueError, "non-empty"),
        "cat of numbers": Wrong(
            lambda fw: fw.cat([fw.tensor(1)]), RuntimeError, "zero-dimensional"
        ),
        "cat sizes": Wrong(
            lambda fw: fw.cat([fw.ones(2, 2), fw.ones(2, 3)]),
            RuntimeError,
            "Sizes of tensors must mat",
        ),
    },
)
operation(
    "stack",
    lambda fw, *xs, dim: fw.stack(xs, dim),
    alike,
    errors={
        "stack of none": Wrong(lambda fw: fw.stack([]), RuntimeError, "non-empty TensorList"),
        "stack sizes": Wrong(
            lambda fw: fw.stack([fw.ones(2), fw.ones(3)]), RuntimeError, "equal size"
        ),
    },
)
operation("cat with itself", lambda fw, x: fw.cat([x, x * 2, x]), matrix)

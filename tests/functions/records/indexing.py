"""Reading some elements, and changes in place."""

import numpy as np
from hypothesis import strategies as st

from ..draws import index, shapes
from .record import Wrong, arange, case, one, operation


def indexed(draw, numbers):
    x = numbers(draw(shapes(1, 4, 0, 3)))
    return (x,), {"index": index(draw, numbers, x.shape)}


def with_rows(draw, numbers):
    return (numbers(draw(shapes(1, 3, 1, 3))),), {}


def masked(draw, numbers):
    x = numbers(draw(shapes(1, 3, 0, 3)))
    lead = draw(st.integers(1, x.ndim))
    return (x,), {"mask": numbers.mask(x.shape[:lead])}


def assigned(draw, numbers):
    (x,), options = indexed(draw, numbers)
    value = numbers(draw(st.sampled_from([(), (1,)])))
    return (x, value), options


def along(draw, numbers):
    x = numbers(draw(shapes(1, 3, 1, 3)))
    axis = draw(st.integers(0, x.ndim - 1))
    shape = list(x.shape)
    shape[axis] = draw(st.integers(0, 4))
    return (x,), {"indices": numbers.integers(0, x.shape[axis], tuple(shape)), "dim": axis}


def assign(fw, x, value, index):
    y = x * 2
    y[index] = value
    return y * y


def assign_number(fw, x, index):
    y = x * 2
    y[index] = 3
    return y * x


def chain_in_place(fw, x, y):
    z = x * 1
    z += y
    z -= 2
    z *= 3
    z /= 4
    z.add_(y, alpha=2).mul_(x.detach())
    return z


def same_shape(draw, numbers):
    x = numbers(draw(shapes()))
    return (x, numbers(x.shape)), {}


def copied(fw, x, y):
    z = x * 1
    z.copy_(y)
    return z * x


def filled(fw, x):
    z = x * 1
    z.fill_(2)
    w = x * 1
    w.zero_()
    return z * x + w


threes = arange(2, 3, 4)
operation(
    "getitem",
    lambda fw, x, index: x[index],
    indexed,
    {
        "a number": case(threes, index=1),
        "negative": case(threes, index=(-1, -2)),
        "a row named twice": case(threes, index=np.array([1, 1, 0])),
        "a list": case(threes, index=[0, 0]),
        "number, slice, tensor": case(threes, index=(0, slice(None), np.array([1, 0]))),
        "tensor, slice, tensor": case(
            threes, index=(np.array([0, 1]), slice(None), np.array([1, 0]))
        ),
        "tensor, number": case(threes, index=(np.array([0, 1]), 2)),
        "number, tensor, slice": case(threes, index=(1, np.array([0, 2]), slice(1, None))),
        "tensors broadcast": case(threes, index=(np.array([[0], [1]]), np.array([0, 2, 1]))),
        "bytes are a mask": case(threes, index=np.array([1, 0], np.uint8)),
        "small integers": case(threes, index=np.array([1, 0], np.int32)),
        "True": case(threes, index=True),
        "False": case(threes, index=False),
        "None": case(threes, index=None),
        "...": case(threes, index=(..., 1)),
        "list of bools": case(threes, index=[True, False]),
        "an empty list": case(threes, index=[]),
        "a range": case(threes, index=range(2)),
        "a number of a number": case(2.0, index=()),
        "mask of a number": case(2.0, index=np.array(True)),
    },
    errors={
        "index": Wrong(lambda fw: fw.ones(3)[3], IndexError, "out of (bounds|range)"),
        "tensor index": Wrong(
            lambda fw: fw.ones(3)[fw.tensor([0, 3])], IndexError, "out of bounds"
        ),
        "float index": Wrong(lambda fw: fw.ones(3)[fw.tensor([0.5])], IndexError, "must be long"),
        "number as index": Wrong(lambda fw: fw.ones(3)[1.5], IndexError, "index|indices"),
        "too many indices": Wrong(lambda fw: fw.ones(3)[0, 0], IndexError, "too many indices"),
        "index of a number": Wrong(lambda fw: fw.tensor(1.0)[0], IndexError, "0-dim|too many"),
        "indices do not broadcast": Wrong(
            lambda fw: fw.ones(3, 3)[[0, 1], [0, 1, 2]], IndexError, "broadcast"
        ),
        "backwards": Wrong(
            lambda fw: fw.ones(3)[::-1], ValueError, "step must be greater than zero"
        ),
    },
)
operation(
    "getitem mask",
    lambda fw, x, mask: x[mask],
    masked,
    errors={
        "mask size": Wrong(
            lambda fw: fw.ones(3)[fw.tensor([True, False])], IndexError, "mask|boolean"
        ),
    },
)
operation("iterate", lambda fw, x: fw.stack([row * k for k, row in enumerate(x)]), with_rows)
operation(
    "setitem",
    assign,
    assigned,
    differences=False,
    errors={
        "setitem shape": Wrong(
            lambda fw: fw.ones(3).__setitem__(slice(2), fw.ones(3)),
            RuntimeError,
            "shape mismatch|must match",
        ),
    },
)
operation("setitem number", assign_number, indexed)
operation(
    "take_along_dim",
    lambda fw, x, indices, dim=None: fw.take_along_dim(x, indices, dim),
    along,
    {
        "flat": case(threes, indices=np.array([5, 0, 5])),
        "flat, of rows": case(threes, indices=np.array([[23], [1]])),
        "indices broadcast": case(threes, indices=np.array([[[1], [0]]]), dim=-2),
    },
    errors={
        "no such element": Wrong(
            lambda fw: fw.take_along_dim(fw.ones(2, 3), fw.tensor([6])),
            RuntimeError,
            "index 6 is out of bounds for dimension 0 with size 6",
        ),
        "axes": Wrong(
            lambda fw: fw.take_along_dim(fw.ones(2, 3), fw.tensor([1]), 1),
            RuntimeError,
            "got 2 dimensions for input, and 1 dimensions for indices",
        ),
        "types": Wrong(
            lambda fw: fw.take_along_dim(fw.ones(2), fw.ones(1), 0),
            RuntimeError,
            "dtype of indices should be Long but got",
        ),
        "sizes": Wrong(
            lambda fw: fw.take_along_dim(fw.ones(2, 3), fw.tensor([[1, 0]]), 0),
            RuntimeError,
            "size of tensor a \\(3\\) must match the size of tensor b \\(2\\) at non-singleton dim",
        ),
    },
)
operation("+= -= *= /=", chain_in_place, same_shape, differences=False)
operation("copy_", copied, same_shape)
operation("fill_ zero_", filled, one)

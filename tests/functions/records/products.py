"""Products of matrices."""

from hypothesis import strategies as st

from ..draws import broadcastable, shapes
from .record import Wrong, case, ones, operation


def matmul(draw, numbers):
    n, m, p = (draw(st.integers(0, 3)) for _ in range(3))
    batches = broadcastable(draw, 2, max_dims=2)
    left = draw(st.sampled_from([(m,), (n, m), (*batches[0], n, m)]))
    right = draw(st.sampled_from([(m,), (m, p), (*batches[1], m, p)]))
    return (numbers(left), numbers(right)), {}


def linear(draw, numbers):
    n_in, n_out = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    lead = draw(shapes(0, 2, 0, 3))
    bias = [numbers((n_out,))] if draw(st.booleans()) else []
    return (numbers((*lead, n_in)), numbers((n_out, n_in)), *bias), {}


def one_bias(draw, numbers):
    (x, weight, *_), options = linear(draw, numbers)
    return (x, weight, numbers(draw(st.sampled_from([(), (1,)])))), options


def fully_connected(fw, x, weight, bias=None):
    return fw.nn.functional.linear(x, weight, bias)


operation(
    "matmul",
    lambda fw, x, y: x @ y,
    matmul,
    errors={
        "sizes": Wrong(
            lambda fw: fw.ones(2, 3) @ fw.ones(2, 3), RuntimeError, "cannot be multiplied"
        ),
        "of a number": Wrong(lambda fw: fw.ones(2) @ fw.tensor(1.0), RuntimeError, "at least 1D"),
        "types": Wrong(
            lambda fw: fw.ones(2, 2) @ fw.ones(2, 2).double(), RuntimeError, "same dtype"
        ),
        "batches": Wrong(
            lambda fw: fw.ones(2, 1, 1) @ fw.ones(3, 1, 1), RuntimeError, "must match"
        ),
    },
)
operation(
    "linear",
    fully_connected,
    linear,
    {
        "no rows": case(ones(0, 3), ones(2, 3), ones(2)),
        "a vector": case(ones(3), ones(2, 3)),
    },
    errors={
        "sizes": Wrong(
            lambda fw: fw.nn.functional.linear(fw.ones(4, 5), fw.ones(2, 3)),
            RuntimeError,
            "4x5 and 3x2",
        ),
        "types": Wrong(
            lambda fw: fw.nn.functional.linear(fw.ones(4, 3).double(), fw.ones(2, 3)),
            RuntimeError,
            "dtype",
        ),
        "of a number": Wrong(
            lambda fw: fw.nn.functional.linear(fw.tensor(1.0), fw.ones(2, 3)),
            RuntimeError,
            "linear.*but they are 0D and 2D",
            "at least one axis",
        ),
        "bias": Wrong(
            lambda fw: fw.nn.functional.linear(fw.ones(4, 3), fw.ones(2, 3), fw.ones(3)),
            RuntimeError,
            r"expanded size of the tensor \(2\)|bias of shape \(2,\), but got \(3,\)",
        ),
    },
    raises={
        "a weight of two axes": lambda fw: fw.nn.functional.linear(fw.ones(4, 3), fw.ones(3)),
    },
)
operation("linear with one bias", fully_connected, one_bias)

"""Products of matrices."""

from hypothesis import strategies as st

from ..draws import broadcastable, shapes
from .record import case, ones, operation


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


operation("matmul", lambda fw, x, y: x @ y, matmul)
operation(
    "linear",
    lambda fw, x, w, b=None: fw.nn.functional.linear(x, w, b),
    linear,
    {"no rows": case(ones(0, 3), ones(2, 3), ones(2)), "a vector": case(ones(3), ones(2, 3))},
)

"""Pooling: one number from each window of an image."""

import numpy as np
from hypothesis import strategies as st

from .record import INF, NAN, Wrong, arange, case, ones, operation


def max_pool2d(draw, numbers):
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    stride = draw(st.none() | st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3)))
    image = tuple(k + draw(st.integers(0, 4)) for k in kernel)
    batch = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    x = numbers((*batch, draw(st.integers(1, 2)), *image))
    return (x,), {"kernel_size": kernel, "stride": stride}


def image(*rows):
    return np.array(rows, dtype=float)[None, None]


operation(
    "max_pool2d",
    lambda fw, x, **o: fw.nn.functional.max_pool2d(x, **o),
    max_pool2d,
    {
        "all equal, overlapping": case(ones(1, 1, 3, 3), kernel_size=2, stride=1),
        "zeros of both signs": case(image([-0.0, 0.0], [0.0, -0.0]), kernel_size=2),
        "the last NaN wins": case(image([NAN, 1], [5, NAN]), kernel_size=2),
        "NaN beats infinity": case(image([INF, NAN], [1, INF]), kernel_size=2),
        "nothing but -inf": case(np.full((1, 1, 2, 2), -INF), kernel_size=2),
        "remainder": case(arange(2, 3, 5, 7), kernel_size=2),
        "gaps": case(arange(1, 1, 7, 7), kernel_size=2, stride=3),
        "unbatched": case(arange(2, 4, 4), kernel_size=2),
        "batch of none": case(arange(0, 1, 4, 4), kernel_size=2),
    },
    errors={
        "size": Wrong(
            lambda fw: fw.nn.functional.max_pool2d(fw.ones(1, 2, 2), 3),
            RuntimeError,
            "Output size is too small",
        ),
        "image": Wrong(
            lambda fw: fw.nn.functional.max_pool2d(fw.ones(2, 2), 2), RuntimeError, "3D or 4D"
        ),
        "nothing": Wrong(
            lambda fw: fw.nn.functional.max_pool2d(fw.ones(2, 0, 4, 4), 2),
            RuntimeError,
            "optional 0 dim batch",
        ),
        "stride": Wrong(
            lambda fw: fw.nn.functional.max_pool2d(fw.ones(1, 4, 4), 2, stride=0),
            RuntimeError,
            "stride should",
        ),
    },
    raises={
        k: lambda fw, k=k, v=v: fw.nn.functional.max_pool2d(fw.ones(1, 1, 4, 4), 2, **{k: v})
        for k, v in {"padding": 1, "dilation": 2, "ceil_mode": True, "return_indices": True}.items()
    },
    kinks=lambda x, **options: len(np.unique(x)) < x.size,
)

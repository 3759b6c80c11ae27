"""Pooling: one number from each window of an image."""

import numpy as np
from hypothesis import strategies as st

from .record import INF, NAN, Wrong, arange, case, ones, operation


def window(draw, numbers, dilations=1):
    """Images, and every option that the two poolings share."""

    def pair(low, high):
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    kernel, dilation = pair(1, 3), pair(1, dilations)
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    image = tuple(
        max(1, d * (k - 1) + 1 - 2 * p) + draw(st.integers(0, 4))
        for k, d, p in zip(kernel, dilation, padding, strict=True)
    )
    batch = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    x = numbers((*batch, draw(st.integers(1, 2)), *image))
    options = {
        "kernel_size": kernel,
        "stride": draw(st.none() | st.integers(1, 3) | st.just(pair(1, 3))),
        "padding": padding,
        "ceil_mode": draw(st.booleans()),
    }
    return x, options, dilation


def max_pool2d(draw, numbers):
    x, options, dilation = window(draw, numbers, dilations=3)
    for d, p, n in zip(dilation, options["padding"], x.shape[-2:], strict=True):
        if p and d > n:  # a window may lie wholly in the padding, where PyTorch writes astray
            dilation = (1, 1)
    return (x,), options | {"dilation": dilation}


def avg_pool2d(draw, numbers):
    x, options, _ = window(draw, numbers)
    options["count_include_pad"] = draw(st.booleans())
    options["divisor_override"] = draw(st.sampled_from([None, 3, -2]))
    return (x,), options


def adaptive_avg_pool2d(draw, numbers):
    batch = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    x = numbers((*batch, 2, draw(st.integers(1, 6)), draw(st.integers(1, 6))))
    size = st.none() | st.integers(1, 7)
    return (x,), {"output_size": draw(st.integers(1, 7) | st.tuples(size, size))}


def image(*rows):
    return np.array(rows, dtype=float)[None, None]


def outliers(*shape):
    """Numbers among which are infinities of both signs and a NaN, far from each other."""
    x = arange(*shape)
    x[..., 0, 0], x[..., 0, -1], x[..., -1, 0] = INF, -INF, NAN
    return x


def wrong(name, shape, arguments, error, message, hint="", **options):
    """A wrong call on ones of this shape."""

    def call(fw):
        return getattr(fw.nn.functional, name)(fw.ones(*shape), *arguments, **options)

    return Wrong(call, error, message, hint=hint)


def wrong_windows(name):
    """The wrong calls that the two poolings share."""
    runtime = [
        (
            "size",
            (1, 2, 2),
            (3,),
            r"Given input size: \(1x2x2\). Calculated output size: \(1x0x0\). Output size is too "
            "small",
            r"axes 1 and 2 of \(1, 2, 2\)",
        ),
        ("stride", (1, 4, 4), (2, 0), "stride should not be zero", ""),
        ("stride of rows", (1, 4, 4), (2, (0, 1)), "stride should not be zero", ""),
        ("negative stride", (1, 4, 4), (2, -1), "stride should be greater than zero", ""),
        ("kernel", (1, 4, 4), (0,), "stride should not be zero", ""),
        ("kernel of nothing", (1, 4, 4), (0, 1), "kernel size should be greater than zero", ""),
        ("padding", (1, 4, 4), (2, 1, -1), "pad must be non-negative, but got pad: -1", ""),
        (
            "wide padding",
            (1, 4, 4),
            (3, 1, (0, 2)),
            "pad should be at most half of effective kernel size, but got pad=2, kernel_size=3 "
            "and dilation=1",
            "",
        ),
        (
            "kernel of three",
            (1, 4, 4),
            ((1, 2, 3),),
            f"{name}: kernel_size must either be a single int, or a tuple of two ints",
            r"\[1, 2, 3\]",
        ),
        (
            "stride of three",
            (1, 4, 4),
            (2, (1, 2, 3)),
            f"{name}: stride must either be omitted, a single int, or a tuple of two ints",
            "",
        ),
        (
            "nothing",
            (2, 0, 4, 4),
            (2,),
            "Expected 3D or 4D .batch mode. tensor with optional 0 dim batch size for input, but "
            r"got:\[2, 0, 4, 4\]",
            r"\(N, C, H, W\)",
        ),
    ]
    return {
        what: wrong(name, shape, arguments, RuntimeError, message, hint)
        for what, shape, arguments, message, hint in runtime
    } | {
        "half a kernel": wrong(name, (1, 4, 4), (2.5,), TypeError, "'kernel_size'"),
        "true as a kernel": wrong(name, (1, 4, 4), (True,), TypeError, "'kernel_size'"),
    }


# Windows that overlap, leave gaps, a remainder, hang over or lie on padding.
windows = {
    "the course's": case(arange(2, 3, 8, 8), kernel_size=2),
    "overlapping": case(arange(2, 2, 5, 5), kernel_size=3, stride=1),
    "overlapping, stride 2": case(arange(2, 2, 7, 7), kernel_size=3, stride=2),
    "gaps": case(arange(1, 1, 7, 7), kernel_size=2, stride=3),
    "remainder": case(arange(2, 3, 5, 7), kernel_size=2),
    "kernel (2, 3)": case(arange(2, 2, 4, 6), kernel_size=(2, 3)),
    "stride (1, 2)": case(arange(2, 2, 5, 5), kernel_size=2, stride=(1, 2)),
    "stride of ()": case(arange(2, 2, 5, 5), kernel_size=2, stride=()),
    "padding, all negative": case(-1 - np.abs(arange(1, 2, 5, 7)), kernel_size=2, padding=1),
    "padding (1, 0)": case(arange(1, 2, 4, 4), kernel_size=3, stride=1, padding=(1, 0)),
    "ceil_mode": case(arange(1, 2, 5, 5), kernel_size=2, ceil_mode=True),
    "ceil_mode, padding": case(
        arange(1, 2, 6, 6), kernel_size=3, stride=2, padding=1, ceil_mode=True
    ),
    "ceil_mode, the last one would begin in the padding": case(
        arange(1, 1, 3, 3), kernel_size=2, padding=1, ceil_mode=True
    ),
    "ceil_mode, gaps": case(arange(1, 1, 2, 8), kernel_size=1, stride=3, ceil_mode=True),
    "ceil_mode, image smaller than the kernel": case(
        ones(1, 1, 1, 1), kernel_size=2, ceil_mode=True
    ),
    "infinities and NaN": case(outliers(1, 2, 6, 6), kernel_size=3, stride=2, padding=1),
    "unbatched": case(arange(2, 4, 4), kernel_size=2, padding=1),
    "batch of none": case(arange(0, 1, 4, 4), kernel_size=2, padding=1),
}

operation(
    "max_pool2d",
    lambda fw, x, **o: fw.nn.functional.max_pool2d(x, **o),
    max_pool2d,
    windows
    | {
        "zeros and ones": case(np.eye(6)[None, None], kernel_size=2),
        "zeros and ones, overlapping": case(np.eye(6)[None, None], kernel_size=3, stride=1),
        "all equal, overlapping": case(ones(1, 1, 3, 3), kernel_size=2, stride=1),
        "all equal, padding": case(ones(1, 1, 3, 3), kernel_size=3, stride=1, padding=1),
        "zeros of both signs": case(image([-0.0, 0.0], [0.0, -0.0]), kernel_size=2),
        "one NaN": case(image([1, 2], [NAN, 5]), kernel_size=2),
        "the last NaN wins": case(image([NAN, 1], [5, NAN]), kernel_size=2),
        "NaN beats infinity": case(image([INF, NAN], [1, INF]), kernel_size=2),
        "nothing but -inf": case(np.full((1, 1, 2, 2), -INF), kernel_size=2),
        "nothing but -inf, padding": case(np.full((1, 1, 2, 2), -INF), kernel_size=2, padding=1),
        "nothing but -inf, dilation": case(
            np.full((1, 2, 3, 4), -INF), kernel_size=3, stride=1, padding=1, dilation=(1, 2)
        ),
        "dilation 2": case(arange(1, 2, 7, 7), kernel_size=3, stride=1, dilation=2),
        "dilation (1, 3), ceil_mode": case(
            arange(1, 1, 5, 5), kernel_size=2, dilation=(1, 3), ceil_mode=True
        ),
        "300 cells": case(arange(1, 1, 20, 18), kernel_size=(20, 15), stride=1),
    },
    errors=wrong_windows("max_pool2d")
    | {
        "image": wrong("max_pool2d", (2, 2), (2,), RuntimeError, "non-empty 3D or 4D", r"\(2, 2\)"),
        "dilation": wrong(
            "max_pool2d", (1, 4, 4), (2,), RuntimeError, "dilation should be greater", dilation=0
        ),
        "padding of a dilated kernel": wrong(
            "max_pool2d",
            (1, 4, 4),
            (3,),
            RuntimeError,
            "pad should be smaller than or equal to half of kernel size, but got padW = 2, padH = "
            "2, kW = 3, kH = 3",
            padding=2,
            dilation=2,
        ),
        "bools": Wrong(
            lambda fw: fw.nn.functional.max_pool2d(fw.ones(1, 2, 2) > 0, 2),
            NotImplementedError,
            "\"max_pool2d\" not implemented for 'Bool'",
        ),
    },
    kinks=lambda x, **options: len(np.unique(x)) < x.size,
)
operation(
    "max_pool2d with indices",
    lambda fw, x, **o: fw.nn.functional.max_pool2d(x, **o, return_indices=True),
    max_pool2d,
    windows
    | {
        "NaN": case(image([NAN, 1], [5, NAN]), kernel_size=2),
        "-inf": case(np.full((1, 1, 2, 2), -INF), kernel_size=2, padding=1),
    },
    kinks=lambda x, **options: len(np.unique(x)) < x.size,
)
operation(
    "avg_pool2d",
    lambda fw, x, **o: fw.nn.functional.avg_pool2d(x, **o),
    avg_pool2d,
    windows
    | {
        "padding does not count": case(
            arange(1, 2, 5, 5), kernel_size=3, stride=1, padding=1, count_include_pad=False
        ),
        "ceil_mode, padding does not count": case(
            arange(1, 2, 6, 6),
            kernel_size=3,
            stride=2,
            padding=1,
            ceil_mode=True,
            count_include_pad=False,
        ),
        "divisor": case(arange(1, 2, 5, 5), kernel_size=2, padding=1, divisor_override=3),
        "divisor, ceil_mode": case(
            arange(1, 2, 5, 5), kernel_size=2, ceil_mode=True, divisor_override=-5
        ),
    },
    errors=wrong_windows("avg_pool2d")
    | {
        "image": wrong(
            "avg_pool2d", (2, 2), (2,), IndexError, "Dimension out of range", r"\(2, 2\)"
        ),
        "volume": wrong(
            "avg_pool2d", (1, 1, 1, 4, 4), (2,), RuntimeError, r"got:\[1, 1, 1, 4, 4\]"
        ),
        "divisor": wrong(
            "avg_pool2d",
            (1, 4, 4),
            (2,),
            RuntimeError,
            "divisor must be not zero",
            divisor_override=0,
        ),
        "half a divisor": wrong(
            "avg_pool2d", (1, 4, 4), (2,), TypeError, "'divisor_override'", divisor_override=2.5
        ),
        "bools": Wrong(
            lambda fw: fw.nn.functional.avg_pool2d(fw.ones(1, 2, 2) > 0, 2),
            NotImplementedError,
            "\"avg_pool2d\" not implemented for 'Bool'",
        ),
    },
)


def adaptive(shape, size, error, message, hint=""):
    return wrong("adaptive_avg_pool2d", shape, (size,), error, message, hint)


operation(
    "adaptive_avg_pool2d",
    lambda fw, x, **o: fw.nn.functional.adaptive_avg_pool2d(x, **o),
    adaptive_avg_pool2d,
    {
        "one": case(arange(2, 3, 5, 4), output_size=1),
        "parts of equal size": case(arange(2, 3, 6, 4), output_size=2),
        "parts that overlap": case(arange(2, 3, 5, 7), output_size=(3, 4)),
        "more parts than rows": case(arange(2, 3, 3, 2), output_size=(7, 5)),
        "None": case(arange(2, 3, 5, 7), output_size=(None, 3)),
        "None and None": case(arange(2, 3, 5, 7), output_size=(None, None)),
        "infinities and NaN": case(outliers(1, 2, 6, 7), output_size=3),
        "one, infinity": case(image([INF, 1], [1, 1]), output_size=1),
        "unbatched": case(arange(3, 5, 4), output_size=[2, 3]),
        "batch of none": case(arange(0, 3, 5, 4), output_size=2),
        "one of a matrix": case(arange(5, 4), output_size=1),
        "one of nothing": case(arange(1, 1, 0, 4), output_size=1),
    },
    errors={
        "image": adaptive(
            (5, 5),
            2,
            RuntimeError,
            r"Expected 3D or 4D tensor, but got \[5, 5\]",
            r"\(N, C, H, W\)",
        ),
        "image, pair": adaptive(
            (5, 5), (2, 2), ValueError, "Input dimension should be at least 3", r"\(5, 5\)"
        ),
        "no rows": adaptive(
            (1, 1, 0, 5),
            2,
            RuntimeError,
            "Expected input to have non-zero size for non-batch dimensions, but input has sizes "
            r"\[1, 1, 0, 5\] with dimension 2 being empty",
        ),
        "negative": adaptive(
            (1, 5, 5), (-1, 1), RuntimeError, r"greater than or equal to 0 but received \{-1, 1\}"
        ),
        "three sizes": adaptive((1, 1, 5, 5), (1, 2, 3), RuntimeError, "output_size must be 2"),
        "None": adaptive((1, 5, 5), None, TypeError, "None"),
        "half a size": adaptive((1, 5, 5), (2.5, 2), TypeError, "'output_size'"),
        "bools": Wrong(
            lambda fw: fw.nn.functional.adaptive_avg_pool2d(fw.ones(1, 2, 2) > 0, 2),
            NotImplementedError,
            "\"adaptive_avg_pool2d\" not implemented for 'Bool'",
        ),
    },
)

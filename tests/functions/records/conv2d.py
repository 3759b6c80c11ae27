"""The convolution of images."""

import numpy as np
from hypothesis import strategies as st

from .record import INF, NAN, Wrong, arange, case, operation


def conv2d(draw, numbers):
    def pair(low, high):
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    kernel, dilation = pair(1, 4), pair(1, 3)
    padding = draw(st.sampled_from(["same", "valid", 0, pair(0, 2)]))
    stride = (1, 1) if padding == "same" else pair(1, 3)
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    smallest = (1, 1) if padding == "same" else reach
    image = tuple(n + draw(st.integers(0, 3)) for n in smallest)
    groups, c, o = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    batch = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    x, w = numbers((*batch, groups * c, *image)), numbers((groups * o, c, *kernel))
    bias = [numbers((groups * o,))] if draw(st.booleans()) else []
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return (x, w, *bias), options


def convolve(fw, x, w, b=None, **options):
    return fw.nn.functional.conv2d(x, w, b, **options)


def wrong(x, w, error, message, hint="", **options):
    """A wrong call on ones of these shapes."""
    return Wrong(
        lambda fw: convolve(fw, fw.ones(*x), fw.ones(*w), **options), error, message, hint=hint
    )


def wrong_bias(shape, message):
    def call(fw):
        return convolve(fw, fw.ones(1, 2, 5, 5), fw.ones(4, 2, 3, 3), fw.ones(*shape))

    return Wrong(call, RuntimeError, message)


def wrong_types(message, x, w, b=None, error=RuntimeError):
    """A call with tensors of these types."""

    def call(fw):
        types = [getattr(fw, name) for name in (x, w, b) if name]
        tensors = [fw.ones(*s) for s in [(1, 1, 4, 4), (2, 1, 3, 3), (2,)][: len(types)]]
        return convolve(fw, *[t.to(kind) for t, kind in zip(tensors, types, strict=True)])

    return Wrong(call, error, message)


x44, w22, w33 = arange(2, 2, 4, 4), arange(3, 2, 2, 2), arange(3, 2, 3, 3)
x477, w4133, w4233 = arange(2, 4, 7, 7), arange(4, 1, 3, 3), arange(4, 2, 3, 3)
outlier = arange(1, 2, 4, 4)
outlier[0, 0, 1, 1], outlier[0, 1, 3, 3] = INF, NAN
image, kernel = (1, 2, 5, 5), (4, 2, 3, 3)

operation(
    "conv2d",
    convolve,
    conv2d,
    {
        "the course's": case(arange(2, 1, 8, 8), arange(3, 1, 3, 3), [1, 2, 3], padding="same"),
        "same, odd kernel": case(x44, w33, padding="same"),
        "same, even kernel": case(x44, w22, padding="same"),
        "same, even kernel, dilation 2": case(x44, w22, padding="same", dilation=2),
        "same, even kernel, dilation 3": case(x44, w22, padding="same", dilation=(3, 1)),
        "same, kernel of 4": case(x44, arange(3, 2, 4, 2), padding="same", dilation=(3, 2)),
        "same, in groups": case(x477, w4133, padding="same", groups=4),
        "valid": case(x44, w33, padding="valid"),
        "padding (2, 1)": case(x44, w33, padding=(2, 1)),
        "padding wider than the image": case(x44, w33, padding=6),
        "stride 2": case(x477, arange(3, 4, 3, 3), stride=2),
        "stride (1, 2)": case(x477, arange(3, 4, 3, 3), stride=(1, 2)),
        "stride leaves a remainder": case(x44, w33, [1.0, 2.0, 3.0], stride=2),
        "stride larger than the kernel": case(x477, arange(3, 4, 2, 2), stride=3),
        "dilation 2": case(x477, arange(3, 4, 3, 3), dilation=2),
        "dilation (1, 2)": case(x477, arange(3, 4, 3, 3), dilation=(1, 2)),
        "groups 2": case(x477, arange(4, 2, 3, 3), [1.0, 2.0, 3.0, 4.0], groups=2),
        "groups 2, more outputs": case(x477, arange(6, 2, 3, 3), groups=2),
        "depthwise": case(x477, w4133, [1.0, 2.0, 3.0, 4.0], padding=1, groups=4),
        "depthwise, two outputs each": case(x477, arange(8, 1, 3, 3), padding=1, groups=4),
        "all together": case(x477, w4233, [1, 2, 3, 4], stride=2, padding=1, dilation=2, groups=2),
        "in groups, unbatched": case(x477[0], w4233, stride=(2, 1), padding=(0, 1), groups=2),
        "in groups, batch of none": case(x477[:0], w4233, [1, 2, 3, 4], groups=2),
        "kernel (2, 3)": case(x44, arange(3, 2, 2, 3)),
        "as many images as outputs": case(x44, arange(2, 2, 3, 3), [1.0, 2.0], padding=1),
        "unbatched": case(x44[0], w33, padding=1),
        "batch of none": case(x44[:0], w33, [1.0, 2.0, 3.0]),
        "batch of one": case(x44[:1], w33),
        "kernel as large as the image": case(x44, arange(1, 2, 4, 4)),
        "1 x 1 kernel": case(x44, arange(3, 2, 1, 1)),
        "lists of one number": case(x477, arange(3, 4, 3, 3), stride=(2,), padding=[1]),
        "infinity and NaN": case(outlier, np.abs(arange(2, 2, 2, 2)) + 1),
    },
    errors={
        "channels": wrong(
            (1, 3, 5, 5),
            kernel,
            RuntimeError,
            r"Given groups=1, weight of size \[4, 2, 3, 3\], expected input\[1, 3, 5, 5\] to have "
            "2 channels, but got 3 channels instead",
            hint=r"axis 1 of \(1, 3, 5, 5\).*did you mean Conv2d\(3, ...\)",
        ),
        "channels of a batch of none": wrong((0, 3, 5, 5), kernel, RuntimeError, "2 channels"),
        "channels, unbatched": wrong((3, 5, 5), kernel, RuntimeError, r"input\[1, 3, 5, 5\]"),
        "channels in groups": wrong(
            (1, 3, 5, 5), kernel, RuntimeError, "have 4 channels, but got 3", groups=2
        ),
        "outputs in groups": wrong(
            (1, 4, 5, 5),
            (3, 2, 3, 3),
            RuntimeError,
            "Given groups=2, expected weight to be divisible by 2 at dimension 0, but got weight "
            r"of size \[\[3, 2, 3, 3\]\] instead",
            groups=2,
        ),
        "more groups than outputs": wrong(
            (1, 4, 5, 5),
            (2, 1, 3, 3),
            RuntimeError,
            "Given groups=4, expected weight to be at least 4 at dimension 0, but got weight of "
            r"size \[2, 1, 3, 3\] instead",
            groups=4,
        ),
        "no groups": wrong(image, kernel, RuntimeError, "non-positive groups", groups=0),
        "half a group": wrong(image, kernel, TypeError, "groups", groups=2.0),
        "kernel": wrong(
            (1, 1, 2, 2),
            (1, 1, 3, 3),
            RuntimeError,
            r"Calculated padded input size per channel: \(2 x 2\). Kernel size: \(3 x 3\). Kernel "
            "size can't be greater than actual input size",
            hint="2 rows and 2 columns",
        ),
        "kernel, dilated": wrong(
            (1, 2, 4, 4), kernel, RuntimeError, r"Kernel size: \(5 x 5\)", dilation=2
        ),
        "kernel of nothing": wrong(
            image, (4, 2, 0, 3), RuntimeError, "kernel_height: 0 kernel_width: 3"
        ),
        "image": wrong(
            (5, 5), (1, 1, 3, 3), RuntimeError, r"3D \(unbatched\) or 4D .* of size: \[5, 5\]"
        ),
        "weight": wrong(image, (1, 3, 3), RuntimeError, "to match the convolution dimensions"),
        "bias": wrong_bias(
            (3,),
            r"Given weight of size \[4, 2, 3, 3\], expected bias to be 1-dimensional with 4 "
            r"elements, but got bias of size \[3\] instead",
        ),
        "bias as a column": wrong_bias((4, 1), r"bias of size \[4, 1\]"),
        "stride": wrong(image, kernel, RuntimeError, "non-positive stride", stride=0),
        "stride of three": wrong(
            image,
            kernel,
            RuntimeError,
            "expected stride to be a single integer value or a list of 2 values to match the "
            r"convolution dimensions, but got stride=\[1, 2, 3\]",
            stride=(1, 2, 3),
        ),
        "stride of none": wrong(image, kernel, RuntimeError, r"stride=\[\]", stride=()),
        "half a stride": wrong(image, kernel, TypeError, "conv2d", stride=1.5),
        "true as a stride": wrong(image, kernel, TypeError, "conv2d", stride=True),
        "dilation": wrong(
            image, kernel, RuntimeError, r"greater than zero, but got \[0, 0\]", dilation=0
        ),
        "padding": wrong(image, kernel, RuntimeError, "negative padding", padding=(0, -1)),
        "same stride": wrong(
            image,
            kernel,
            RuntimeError,
            "padding='same' is not supported for strided convolutions",
            stride=(1, 2),
            padding="same",
        ),
        "padding name": wrong(
            image, kernel, RuntimeError, "Invalid padding string: 'full'", padding="full"
        ),
        "type of the weight": wrong_types(
            "expected scalar type Float but found Double", "float32", "float64"
        ),
        "integer weight": wrong_types(
            "expected scalar type Float but found Long", "float32", "int64"
        ),
        "type of the bias": wrong_types(
            r"Input type \(float\) and bias type \(double\) should be the same",
            "float32",
            "float32",
            "float64",
        ),
        "bools": wrong_types("Bool", "bool", "bool", error=NotImplementedError),
    },
)

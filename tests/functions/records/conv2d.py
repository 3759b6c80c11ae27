"""The convolution of images."""

from hypothesis import strategies as st

from .record import Wrong, arange, case, operation


def conv2d(draw, numbers):
    def pair(low, high):
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    kernel, dilation = pair(1, 3), pair(1, 2)
    padding = draw(st.sampled_from(["same", "valid", 0, pair(0, 2)]))
    stride = (1, 1) if padding == "same" else pair(1, 3)
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    image = tuple(r + draw(st.integers(0, 3)) for r in reach)
    c, o = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    batch = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    bias = [numbers((o,))] if draw(st.booleans()) else []
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    return (numbers((*batch, c, *image)), numbers((o, c, *kernel)), *bias), options


x44, w22, w33 = arange(2, 2, 4, 4), arange(3, 2, 2, 2), arange(3, 2, 3, 3)
operation(
    "conv2d",
    lambda fw, x, w, b=None, **o: fw.nn.functional.conv2d(x, w, b, **o),
    conv2d,
    {
        "same, even kernel": case(x44, w22, padding="same"),
        "same, even kernel, dilation 2": case(x44, w22, padding="same", dilation=2),
        "same, even kernel, dilation 3": case(x44, w22, padding="same", dilation=(3, 1)),
        "stride leaves a remainder": case(x44, w33, [1.0, 2.0, 3.0], stride=2),
        "unbatched": case(x44[0], w33, padding=1),
        "batch of none": case(x44[:0], w33, [1.0, 2.0, 3.0]),
        "batch of one": case(x44[:1], w33),
        "kernel as large as the image": case(x44, arange(1, 2, 4, 4)),
        "1 x 1 kernel": case(x44, arange(3, 2, 1, 1)),
    },
    errors={
        "channels": Wrong(
            lambda fw: fw.nn.functional.conv2d(fw.ones(1, 3, 5, 5), fw.ones(4, 2, 3, 3)),
            RuntimeError,
            "2 channels, but got 3 channels",
        ),
        "kernel": Wrong(
            lambda fw: fw.nn.functional.conv2d(fw.ones(1, 1, 2, 2), fw.ones(1, 1, 3, 3)),
            RuntimeError,
            "Kernel size can't be greater",
        ),
        "image": Wrong(
            lambda fw: fw.nn.functional.conv2d(fw.ones(5, 5), fw.ones(1, 1, 3, 3)),
            RuntimeError,
            "3D .unbatched. or 4D",
        ),
        "bias": Wrong(
            lambda fw: fw.nn.functional.conv2d(
                fw.ones(1, 1, 4, 4), fw.ones(2, 1, 3, 3), fw.ones(3)
            ),
            RuntimeError,
            "bias to be 1-dimensional with 2",
        ),
        "stride": Wrong(
            lambda fw: fw.nn.functional.conv2d(fw.ones(1, 1, 4, 4), fw.ones(1, 1, 3, 3), stride=0),
            RuntimeError,
            "non-positive stride",
        ),
        "padding": Wrong(
            lambda fw: fw.nn.functional.conv2d(
                fw.ones(1, 1, 4, 4), fw.ones(1, 1, 3, 3), padding=-1
            ),
            RuntimeError,
            "negative padding",
        ),
        "same stride": Wrong(
            lambda fw: fw.nn.functional.conv2d(
                fw.ones(1, 1, 4, 4), fw.ones(1, 1, 3, 3), stride=2, padding="same"
            ),
            RuntimeError,
            "not supported for strided",
        ),
        "padding name": Wrong(
            lambda fw: fw.nn.functional.conv2d(
                fw.ones(1, 1, 4, 4), fw.ones(1, 1, 3, 3), padding="full"
            ),
            RuntimeError,
            "Invalid padding string",
        ),
        "types": Wrong(
            lambda fw: fw.nn.functional.conv2d(fw.ones(1, 1, 4, 4), fw.ones(1, 1, 3, 3).double()),
            RuntimeError,
            "type|Double",
        ),
    },
    raises={
        "groups": lambda fw: fw.nn.functional.conv2d(
            fw.ones(1, 2, 4, 4), fw.ones(2, 1, 1, 1), groups=2
        )
    },
)

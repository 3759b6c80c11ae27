"""Padding."""

import numpy as np
from hypothesis import strategies as st

from .record import NAN, Wrong, arange, case, operation


def constant(draw, numbers):
    ndim = draw(st.integers(1, 4))
    shape = tuple(draw(st.integers(0, 3)) for _ in range(ndim))
    pads = []
    for n in shape[: -draw(st.integers(0, ndim)) - 1 : -1]:
        before = draw(st.integers(-n, 2))
        pads += [before, draw(st.integers(-n - min(before, 0), 2))]
    return (numbers(shape),), {"pad": tuple(pads), "value": draw(st.sampled_from([None, 1.5, -2]))}


def repeated(draw, numbers):
    axes = draw(st.integers(1, 3))
    mode = draw(st.sampled_from(["reflect", "replicate", "circular"]))
    image = tuple(draw(st.integers(1, 4)) for _ in range(axes))
    pads = []
    for n in reversed(image):
        most = {"reflect": n - 1, "replicate": 3, "circular": n}[mode]
        before = draw(st.integers(-(n - 1) if mode != "circular" else 0, most))
        pads += [before, draw(st.integers(max(0, 1 - n - before), most))]
    batch = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    return (numbers((*batch, 2, *image)),), {"pad": tuple(pads), "mode": mode}


def pad(fw, x, **options):
    return fw.nn.functional.pad(x, **options)


x34 = np.arange(12.0).reshape(1, 3, 4)
operation(
    "pad",
    pad,
    constant,
    {
        "before and after": case(x34, pad=(1, 2)),
        "all axes": case(x34, pad=(1, 0, 0, 2, 1, 1), value=7.0),
        "cropped": case(x34, pad=(-1, 2, 1, -2)),
        "cropped to nothing": case(x34, pad=(-1, -3)),
        "nothing added": case(x34, pad=()),
        "NaN": case(x34, pad=(1, 1), value=NAN),
        "a tensor's number": case(x34, pad=(1, 2), value=np.array(2.5)),
        "batch of none": case(x34[:0], pad=(1, 1)),
    },
    errors={
        "odd": Wrong(lambda fw: pad(fw, fw.ones(2, 3), pad=(1,)), RuntimeError, "divisible by 2"),
        "axes": Wrong(
            lambda fw: pad(fw, fw.ones(3), pad=(1, 1, 1, 1)),
            RuntimeError,
            "less than or equal to two times the input dimension but got padding length 4 and "
            "input of dimension 1",
        ),
        "crop": Wrong(
            lambda fw: pad(fw, fw.ones(2, 3), pad=(-2, -2)),
            RuntimeError,
            r"narrow\(\): length must be non-negative",
            hint=r"axis 1 of \(2, 3\)",
        ),
        "crop, then add": Wrong(
            lambda fw: pad(fw, fw.ones(2, 3), pad=(-4, 6)), RuntimeError, "non-negative"
        ),
        "mode": Wrong(
            lambda fw: pad(fw, fw.ones(2, 3), pad=(1, 1), mode="mirror"),
            NotImplementedError,
            "Unrecognised padding mode mirror",
        ),
        "an int": Wrong(lambda fw: pad(fw, fw.ones(2, 3), pad=1), TypeError, "must be tuple of"),
        "a float": Wrong(
            lambda fw: pad(fw, fw.ones(2, 3), pad=(1.0, 0)), TypeError, "type float at pos 0"
        ),
        "a text": Wrong(
            lambda fw: pad(fw, fw.ones(2, 3), pad=(1, 0), value="a"),
            TypeError,
            "must be float, not str",
        ),
        "a large byte": Wrong(
            lambda fw: pad(fw, fw.ones(3, dtype=fw.uint8), pad=(1, 0), value=300),
            RuntimeError,
            "uint8(_t)? without overflow",
        ),
        "NaN among integers": Wrong(
            lambda fw: pad(fw, fw.ones(3, dtype=fw.int64), pad=(1, 0), value=NAN),
            RuntimeError,
            "without overflow",
        ),
        "a large number": Wrong(
            lambda fw: pad(fw, fw.ones(3), pad=(1, 0), value=1e300),
            RuntimeError,
            "without overflow",
        ),
    },
)

image = arange(2, 2, 3, 4)
operation(
    "pad with its own",
    pad,
    repeated,
    {
        f"{name}, {mode}": case(x, pad=pads, mode=mode)
        for mode in ("reflect", "replicate", "circular")
        for name, x, pads in [
            ("as far as it goes", image, (3, 3, 2, 2)),
            ("one axis", image[0], (1, 2)),
            ("one row", image[0, 0], (2, 1)),
            ("unbatched", image[0], (0, 1, 2, 0)),
            ("cropped before", image, (-1, 1, -2, 1)),
            ("cropped after", image, (2, -1, 1, -1)),
            ("cropped on both sides", image, (-1, -1, -1, -1)),
            ("three axes", arange(1, 2, 2, 3, 4), (3, 1, 0, 2, 1, 1)),
            ("batch of none", image[:0], (1, 1, 1, 1)),
            ("nothing added", image, (0, 0, 0, 0)),
        ]
    }
    | {
        "far beyond the end, replicate": case(image, pad=(9, 5, 7, 4), mode="replicate"),
        "one pixel, replicate": case(image[:, :, :1, :1], pad=(2, 2, 2, 2), mode="replicate"),
        "one pixel, circular": case(image[:, :, :1, :1], pad=(1, 1, 1, 1), mode="circular"),
        "cropped from far, reflect": case(image[0], pad=(-5, 2), mode="reflect"),
        "no channels, circular": case(image[:, :0], pad=(1, 1, 1, 1), mode="circular"),
    },
    errors={
        "reflect, size": Wrong(
            lambda fw: pad(fw, fw.ones(1, 1, 3, 3), pad=(0, 0, 3, 3), mode="reflect"),
            RuntimeError,
            "Argument #6: Padding size should be less than the corresponding input dimension, but "
            r"got: padding \(3, 3\) at dimension 2 of input \[1, 1, 3, 3\]",
        ),
        "reflect, size of a row": Wrong(
            lambda fw: pad(fw, fw.ones(2, 3), pad=(5, 0), mode="reflect"),
            RuntimeError,
            r"Argument #4: .* padding \(5, 0\) at dimension 1 of input \[2, 3\]",
        ),
        "circular, size": Wrong(
            lambda fw: pad(fw, fw.ones(1, 1, 3, 3), pad=(0, 4, 0, 0), mode="circular"),
            RuntimeError,
            "Padding value causes wrapping around more than once.",
            hint="3 elements along axis 3",
        ),
        "circular, cropped": Wrong(
            lambda fw: pad(fw, fw.ones(1, 3), pad=(-2, -2), mode="circular"),
            RuntimeError,
            "Negative padding value is resulting in an empty dimension",
        ),
        "circular, nothing": Wrong(
            lambda fw: pad(fw, fw.ones(1, 0), pad=(1, 1), mode="circular"),
            RuntimeError,
            "wrapping around more than once",
        ),
        "replicate, nothing": Wrong(
            lambda fw: pad(fw, fw.ones(2, 0, 3, 3), pad=(1, 1, 1, 1), mode="replicate"),
            RuntimeError,
            r"Expected 3D or 4D .* non-zero dimensions for input, but got: \[2, 0, 3, 3\]",
        ),
        "reflect, cropped": Wrong(
            lambda fw: pad(fw, fw.ones(1, 3), pad=(-2, -1), mode="reflect"),
            RuntimeError,
            r"input \(W: 3\) is too small. Calculated output W: 0",
        ),
        "reflect, cropped to nothing": Wrong(
            lambda fw: pad(fw, fw.ones(1, 1, 3, 3), pad=(-2, -1, -2, -1), mode="reflect"),
            RuntimeError,
            r"input \(H: 3, W: 3\) is too small. Calculated output H: 0 W: 0",
        ),
        "axes": Wrong(
            lambda fw: pad(fw, fw.ones(1, 1, 3, 3), pad=(1, 1), mode="reflect"),
            NotImplementedError,
            "Padding size 2 is not supported for 4D input tensor.",
        ),
        "value": Wrong(
            lambda fw: pad(fw, fw.ones(1, 3), pad=(1, 1), mode="reflect", value=1),
            RuntimeError,
            'Padding mode "reflect" doesn\'t take in value argument',
        ),
        "bools": Wrong(
            lambda fw: pad(fw, fw.ones(1, 3) > 0, pad=(1, 1), mode="replicate"),
            NotImplementedError,
            "\"replication_pad1d\" not implemented for 'Bool'",
        ),
    },
)

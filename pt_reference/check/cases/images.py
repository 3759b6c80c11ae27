"""Cases of the layers on images: Conv2d and MaxPool2d."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pt_reference.check.cases.case import Case
from pt_reference.check.cases.draw import Draw

SETTINGS = ("stride", "padding", "dilation", "groups", "bias", "ceil_mode", "kernel_size")


def conv2d(draw: Draw) -> Iterator[Case]:
    """Each option alone, two of them together, and all; sizes that differ on every axis."""

    def case(
        name: str,
        x: tuple[int, ...] = (2, 3, 6, 5),
        out: int = 4,
        kernel: tuple[int, int] = (3, 3),
        **more: Any,
    ) -> Case:
        options = {k: more.pop(k) for k in SETTINGS if k in more}
        groups = options.get("groups", 1)
        images = _steps(x[-2:], kernel, options)
        steps = [1] * (len(x) - 3) + [groups, *images, groups]
        *x, out = draw.sizes(*x, out, steps=steps)
        channels = x[-3] // groups
        inputs = {"x": draw.normal(*x), "weight": draw.normal(out, channels, *kernel)}
        if options.get("bias", True):
            inputs["bias"] = draw.normal(out)
        return Case(name, inputs, options, **more)

    yield case("base", repeat=2)
    yield case("N=C=O", (2, 2, 4, 4), 2)
    yield case("N=1", (1, 3, 4, 5), 2)
    yield case("one channel", (2, 1, 4, 5), 2)
    yield case("one output", (2, 3, 4, 5), 1)
    yield case("kernel 1", (2, 3, 3, 4), 2, (1, 1))
    yield case("kernel 2", (2, 2, 4, 5), 3, (2, 2))
    yield case("kernel as large as the image", (2, 2, 3, 3), 3)
    yield case("N=1, kernel as large as the image", (1, 2, 3, 3), 3)
    yield case("no bias", (2, 2, 4, 5), 3, bias=False)
    yield case("padding 1", (2, 2, 4, 5), 3, padding=1)
    yield case("padding 2", (2, 2, 4, 3), 3, padding=2)
    yield case("stride 2", (2, 2, 5, 7), 3, stride=2)
    yield case("stride 2, remainder", (2, 2, 6, 6), 3, stride=2)
    yield case("stride 3, kernel 2", (2, 2, 8, 6), 3, (2, 2), stride=3)
    yield case("stride 2, padding 1", (2, 2, 6, 5), 3, stride=2, padding=1)
    yield case("dilation 2", (2, 2, 6, 7), 3, dilation=2)
    yield case("dilation 2, padding 2", (2, 2, 4, 5), 3, dilation=2, padding=2)
    yield case("dilation 3, kernel 2", (2, 2, 5, 6), 3, (2, 2), dilation=3)
    yield case("groups 2", (2, 4, 4, 5), 6, groups=2)
    yield case("depthwise", (2, 3, 4, 5), 6, groups=3)
    everything = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}
    yield case("all options", (2, 4, 7, 6), 4, **everything)
    yield case("F order", (2, 3, 4, 5), 2, layout="F")
    yield case("sliced", (2, 3, 4, 5), 2, layout="sliced")
    yield case("another call before", (1, 2, 4, 4), 2, other_call="before")
    yield case("another call between", (1, 2, 4, 4), 2, other_call="between")
    yield case("float32", (2, 3, 4, 5), 2).single()
    yield case("N=0", (0, 2, 4, 5), 3, beyond=True)
    yield case("unbatched", (2, 4, 5), 3, beyond=True)
    yield case("kernel (2, 3)", (2, 2, 4, 5), 3, (2, 3), beyond=True)
    yield case("stride (1, 2)", (2, 2, 5, 5), 3, stride=(1, 2), beyond=True)
    yield case("padding (2, 1)", (2, 2, 4, 4), 3, padding=(2, 1), beyond=True)
    yield case("dilation (1, 2)", (2, 2, 4, 6), 3, dilation=(1, 2), beyond=True)
    yield case("padding 'valid'", (2, 2, 4, 5), 3, padding="valid", beyond=True)
    yield case("padding 'same'", (2, 2, 4, 5), 3, padding="same", beyond=True)
    for d in (1, 2, 3):
        name = f"padding 'same', kernel 2, dilation {d}"
        more = {} if d == 1 else {"dilation": d}
        yield case(name, (2, 2, 4, 5), 3, (2, 2), padding="same", beyond=True, **more)


def _steps(image: Sequence[int], kernel: Sequence[int], options: dict[str, Any]) -> list[int]:
    """Return the steps in which an image's sides may grow, so that what is left over stays so.

    Where one window fills it, it does not grow.
    """
    strides = _pair(options.get("stride", 1))
    return [0 if n == k else s for n, k, s in zip(image, kernel, strides, strict=True)]


def _pair(value: Any) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


def max_pool2d(draw: Draw) -> Iterator[Case]:
    """Windows side by side, apart and one over the other; ties; numbers that are none."""

    def case(name: str, x: Any, kernel_size: Any = 2, **more: Any) -> Case:
        options = {k: more.pop(k) for k in SETTINGS if k in more}
        if isinstance(x, np.ndarray):
            numbers = x
        else:
            steps = _steps(x[-2:], _pair(kernel_size), {"stride": kernel_size, **options})
            steps = [1] * (len(x) - 2) + steps
            numbers = draw.distinct(*draw.sizes(*x, steps=steps))
        return Case(name, {"x": numbers}, {"kernel_size": kernel_size, **options}, **more)

    yield case("base", (2, 3, 6, 4), repeat=2)
    yield case("kernel 3", (2, 2, 6, 3), 3)
    yield case("N=1", (1, 2, 4, 6))
    yield case("one window", (2, 3, 3, 3), 3)
    yield case("kernel 1", (2, 2, 3, 4), 1)
    yield case("stride 2", (2, 2, 4, 6), stride=2)
    yield case("overlap: kernel 3, stride 1", (2, 2, 5, 4), 3, stride=1)
    yield case("overlap: kernel 3, stride 2", (2, 2, 7, 5), 3, stride=2)
    yield case("stride 3, kernel 2", (2, 2, 8, 5), stride=3)
    yield case("remainder", (2, 2, 5, 7))
    yield case("padding 1", (2, 2, 5, 6), 3, stride=2, padding=1)
    yield case("padding 1, negative", draw.distinct(2, 2, 4, 4) - 9, padding=1)
    yield case("dilation 2", (2, 2, 6, 5), stride=1, dilation=2)
    yield case("dilation 2, kernel 3", (1, 2, 7, 6), 3, stride=1, dilation=2)
    yield case("dilation 2, padding 1", (2, 2, 5, 6), stride=2, dilation=2, padding=1)
    yield case("ceil", (2, 2, 5, 5), ceil_mode=True)
    yield case("ceil, nothing left over", (2, 2, 5, 7), 3, stride=2, ceil_mode=True)
    yield case("ceil, stride 3", (2, 2, 7, 5), stride=3, ceil_mode=True)
    yield case("ceil, padding 1", (2, 2, 5, 6), padding=1, ceil_mode=True)
    yield case("F order", (2, 3, 4, 6), layout="F")
    yield case("sliced", (2, 3, 4, 6), layout="sliced")
    yield case("another call before", (1, 2, 4, 4), other_call="before")
    yield case("another call between", (1, 2, 4, 4), other_call="between")
    yield case("float32", (2, 2, 4, 6)).single()
    yield case("ties", draw.integers(0, 2, 2, 2, 4, 6), convention="ties")
    yield case("ties, overlap", draw.integers(0, 2, 2, 2, 5, 5), 3, stride=1, convention="ties")
    yield case("all equal", np.full((1, 2, 4, 4), 1.5), convention="ties")
    one = draw.distinct(1, 1, 4, 4)
    one[0, 0, 1, 0] = np.nan
    yield case("NaN in x", one, convention="nan")
    lowest = np.full((1, 1, 4, 4), -np.inf)
    yield case("all -inf, padding 1", lowest, padding=1, convention="infinity")
    yield case("N=0", (0, 2, 4, 6), beyond=True)
    yield case("unbatched", (2, 4, 6), beyond=True)
    yield case("kernel (2, 3)", (2, 2, 4, 6), (2, 3), beyond=True)
    yield case("stride (1, 2)", (2, 2, 4, 6), stride=(1, 2), beyond=True)
    yield case("padding (1, 0)", (2, 2, 4, 6), padding=(1, 0), beyond=True)
    yield case("dilation (1, 2)", (2, 2, 4, 6), stride=1, dilation=(1, 2), beyond=True)

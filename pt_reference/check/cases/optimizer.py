"""Cases of Adamax: gradients over several steps."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pt_reference.check.cases.case import Case
from pt_reference.check.cases.draw import Draw

SETTINGS = ("lr", "betas", "eps", "weight_decay", "maximize")


def adamax(draw: Draw) -> Iterator[Case]:
    """Each option; gradients that shrink, nearly vanish, vanish, or are missing."""

    def case(
        name: str,
        steps: int,
        *shapes: tuple[int, ...],
        sizes: Sequence[float] = (),
        **more: Any,
    ) -> Case:
        options = {k: more.pop(k) for k in SETTINGS if k in more}
        inputs = {}
        shapes = shapes or ((3, 2),)
        drawn = iter(draw.sizes(*(n for shape in shapes for n in shape)))
        for i, shape in enumerate([tuple(next(drawn) for _ in shape) for shape in shapes]):
            inputs[f"param{i}"] = draw.normal(*shape)
            for t in range(1, steps + 1):
                size = sizes[t - 1] if sizes else 1.0
                inputs[f"param{i}.grad{t}"] = draw.normal(*shape) * size
        return Case(name, inputs, options, steps=steps, **more)

    yield case("base", 1)
    yield case("3 steps", 3)
    yield case("10 steps", 10)
    yield case("gradients that shrink", 8, sizes=[0.5**t for t in range(8)])
    yield case("lr=0.1", 3, lr=0.1)
    yield case("betas=(0.5, 0.6)", 10, betas=(0.5, 0.6))
    yield case("gradients of 1e-8", 5, sizes=[1e-8] * 5)
    yield case("eps=0.5", 5, eps=0.5)
    # So little decay turns no gradient's sign, and the first step is right without it.
    yield case("weight_decay=0.01", 5, weight_decay=0.01)
    yield case("maximize", 5, maximize=True)
    yield case("maximize, weight_decay=0.01", 5, maximize=True, weight_decay=0.01)
    yield case("two parameters, one shape", 4, (2, 3), (2, 3))
    yield case("two parameters", 4, (2, 3), (4,))
    still = case("a gradient of zeros", 4)
    for t in range(1, 5):
        still.inputs[f"param0.grad{t}"][0] = 0.0
    yield still
    yield case("gradients in the same arrays", 4, same_arrays=True)
    yield case("F order", 3, (2, 3), layout="F")
    yield case("another call before", 3, other_call="before")
    yield case("float32", 4).single()
    missing = case("no gradient at steps 1 and 3", 4, (2, 3), (4,), beyond=True)
    inputs = {k: v for k, v in missing.inputs.items() if k[-5:] not in ("grad1", "grad3")}
    inputs |= {k: v for k, v in missing.inputs.items() if k.startswith("param1")}
    yield replace(missing, inputs=inputs)

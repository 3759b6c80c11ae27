"""The graph of a pass as a picture, left to right: boxes in columns, and curves between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from minigrad.explain.parts import Trace, Value


@dataclass(eq=False)
class Box:
    """An operation, or a value that no operation made; or a free place where a curve passes."""

    lines: list[str]  # of text; empty for a free place
    kind: str  # "op", "parameter", "input", "constant", "intermediate" (the loss) or "way"
    column: int = 0
    before: list[Box] = field(default_factory=list)
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0


@dataclass(eq=False)
class Curve:
    """A value on its way: through boxes, of which those between the ends are free places."""

    boxes: list[Box]
    value: Value


def mermaid(trace: Trace) -> str:
    """Return the graph in Mermaid's language.

    >>> import minigrad
    >>> from minigrad.explain.trace import trace
    >>> x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    >>> for row in mermaid(trace(lambda x: x.sum(), x)).splitlines():
    ...     print(row)
    flowchart LR
      n0(["x<br>(2,)"])
      n1["Sum"]
      n2(["loss<br>()"])
      n0 --> n1
      n1 -- "loss ()" --> n2
    """
    boxes, curves = boxes_and_curves(trace)
    names = {box: f"n{k}" for k, box in enumerate(boxes)}
    rows = ["flowchart LR"]
    for box, name in names.items():
        text = "<br>".join([_quoted(line) for line in box.lines])
        left, right = ("[", "]") if box.kind == "op" else ("([", "])")
        rows.append(f'  {name}{left}"{text}"{right}')
    for curve in curves:
        start, end = curve.boxes[0], curve.boxes[-1]
        label = f'-- "{_quoted(label_of(curve.value))}" ' if start.kind == "op" else ""
        rows.append(f"  {names[start]} {label}--> {names[end]}")
    return "\n".join(rows) + "\n"


def _quoted(text: str) -> str:
    """Return a text to stand between quotes: Mermaid reads HTML's names of letters, and lines."""
    return escape(" ".join(text.split()))


def boxes_and_curves(trace: Trace) -> tuple[list[Box], list[Curve]]:
    """Return what is drawn. A parameter that one module uses once stands in its operation's box."""
    uses: dict[Value, int] = {}
    for step in trace.steps:
        for value in step.inputs.values():
            uses[value] = uses.get(value, 0) + 1
    boxes: list[Box] = []
    curves: list[Curve] = []
    maker: dict[Value, Box] = {}
    for step in trace.steps:
        own = [
            v for v in step.inputs.values() if v.kind == "parameter" and uses[v] == 1 and step.path
        ]
        box = Box([step.op, *([step.path] if step.path else []), *map(label_of, own)], "op")
        for value in step.inputs.values():
            if value in own:
                continue
            if value not in maker:
                maker[value] = Box([value.name, str(value.shape)], value.kind)
                boxes.append(maker[value])
            curves.append(Curve([maker[value], box], value))
        boxes.append(box)
        maker.update(dict.fromkeys(step.outputs, box))
    end = Box([trace.loss.name, str(trace.loss.shape)], trace.loss.kind)
    if trace.loss in maker:  # else nothing was computed: the loss is a leaf
        curves.append(Curve([maker[trace.loss], end], trace.loss))
    return [*boxes, end], curves


def label_of(value: Value) -> str:
    """Return the name of a value and its shape; of a parameter, its own name in its module."""
    name = value.name.rpartition(".")[2] if value.kind == "parameter" else value.name
    return f"{name} {value.shape}"

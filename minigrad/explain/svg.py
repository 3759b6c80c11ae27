"""The graph as an SVG: where its boxes stand, and how they are drawn.

Each box stands in the column after the last of those before it. A curve that passes a column gets a
free place in it, so that it crosses no box. In a column, boxes follow the order of those that they
come from.
"""

from __future__ import annotations

from collections import defaultdict
from html import escape

from minigrad.explain.graph import Box, Curve, boxes_and_curves, label_of
from minigrad.explain.parts import Trace

_LETTER, _LINE, _PADDING, _GAP, _MARGIN = 6.65, 16, 10, 18, 12  # in pixels

_STYLE = """
.mg-graph { font: 11px ui-monospace, Menlo, Consolas, monospace; color: #1f2328; background: #fff; }
.mg-graph text { fill: currentColor; }
.mg-graph .mg-label { stroke: #fff; stroke-width: 4; paint-order: stroke; }
.mg-graph .mg-small, .mg-graph .mg-label { fill: #59636e; }
.mg-graph rect { stroke: #8c959f; fill: #f6f8fa; }
.mg-graph .mg-parameter rect { fill: #fff1dc; stroke: #b35900; }
.mg-graph .mg-input rect, .mg-graph .mg-constant rect { fill: #ddf0ff; stroke: #0a69c2; }
.mg-graph .mg-intermediate rect { fill: #e6e6fa; stroke: #6545b5; }
.mg-graph path { fill: none; stroke: #8c959f; stroke-width: 1.5; }
.mg-graph .mg-nograd { stroke-dasharray: 4 3; }
@media (prefers-color-scheme: dark) {
  .mg-graph { color: #e6edf3; background: #0d1117; }
  .mg-graph .mg-label { stroke: #0d1117; }
  .mg-graph .mg-small, .mg-graph .mg-label { fill: #9da7b1; }
  .mg-graph rect { stroke: #6e7681; fill: #21262d; }
  .mg-graph .mg-parameter rect { fill: #3d2b12; stroke: #d9924a; }
  .mg-graph .mg-input rect, .mg-graph .mg-constant rect { fill: #12304d; stroke: #58a6ff; }
  .mg-graph .mg-intermediate rect { fill: #2b2450; stroke: #a78bfa; }
}"""


def svg(trace: Trace) -> str:
    """Return the graph as an SVG of its own size; dashed is what no gradient comes back along."""
    boxes, curves = boxes_and_curves(trace)
    columns = _columns(boxes, curves)
    width, height = _place(columns, curves)
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mg-graph" role="img" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'aria-label="graph of {len(trace.steps)} operations">',
        f"<style>{_STYLE}</style>",
        '<defs><marker id="mg-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M1 1 L7 4 L1 7"/></marker></defs>',
        *[_curve(curve) for curve in curves],
        *dict.fromkeys([_label(curve) for curve in curves if curve.boxes[0].kind == "op"]),
        *[_box(box) for box in boxes],
        "</svg>",
    ]
    return "\n".join(rows) + "\n"


def _columns(boxes: list[Box], curves: list[Curve]) -> list[list[Box]]:
    """Give each box its column, and each curve a free place in the columns that it passes."""
    leading = defaultdict(list)
    for curve in curves:
        leading[curve.boxes[-1]].append(curve.boxes[0])
    for box in boxes:  # in the order of the steps: those before a box come before it
        box.column = 1 + max([other.column for other in leading[box]], default=-1)
    for curve in reversed(curves):
        start, end = curve.boxes
        if start.kind != "op" and start.column == 0:  # a leaf: beside the first that uses it
            users = [c.boxes[-1].column for c in curves if c.boxes[0] is start]
            start.column = min(users) - 1
    columns: list[list[Box]] = [[] for _ in range(1 + max(box.column for box in boxes))]
    for box in boxes:
        columns[box.column].append(box)
    for curve in curves:
        start, end = curve.boxes
        ways = [Box([], "way", column) for column in range(start.column + 1, end.column)]
        for way in ways:
            columns[way.column].append(way)
        curve.boxes = [start, *ways, end]
        for one, other in zip(curve.boxes, curve.boxes[1:], strict=False):
            other.before.append(one)
    return columns


def _place(columns: list[list[Box]], curves: list[Curve]) -> tuple[float, float]:
    """Give each box its place and size; return the size of the whole."""
    labels: dict[int, float] = defaultdict(float)  # the longest label behind each column
    for curve in curves:
        start = curve.boxes[0]
        if start.kind == "op":
            length = len(label_of(curve.value)) * _LETTER
            labels[start.column] = max(labels[start.column], length)
    x, bottom = float(_MARGIN), 0.0
    for number, column in enumerate(columns):
        for box in column:
            box.width = max([len(line) for line in box.lines], default=0) * _LETTER + 2 * _PADDING
            box.height = len(box.lines) * _LINE + _PADDING if box.lines else _LINE
        widest = max(box.width for box in column)
        column.sort(key=_height_of_those_before)
        y = float(_MARGIN)
        for box in column:
            box.x, box.y = x + (widest - box.width) / 2, y
            y += box.height + _GAP
        bottom = max(bottom, y - _GAP)
        x += widest + labels[number] + 2 * _GAP
    for column in columns:
        shift = (bottom - (column[-1].y + column[-1].height)) / 2
        for box in column:
            box.y += shift
    return x - 2 * _GAP + _MARGIN, bottom + _MARGIN


def _height_of_those_before(box: Box) -> float:
    """Return the middle of the boxes that lead to this one; what nothing leads to goes below."""
    if not box.before:
        return float("inf")
    return sum(other.y + other.height / 2 for other in box.before) / len(box.before)


def _box(box: Box) -> str:
    rows = [f'<g class="mg-{box.kind}"><title>{escape(", ".join(box.lines))}</title>']
    rows.append(
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="{4 if box.kind == "op" else 14}"/>'
    )
    for k, line in enumerate(box.lines):
        look = 'font-weight="600"' if k == 0 else 'class="mg-small"'
        x, y = box.x + box.width / 2, box.y + _PADDING / 2 + 12 + k * _LINE
        rows.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" {look}>{escape(line)}</text>'
        )
    return "".join([*rows, "</g>"])


def _curve(curve: Curve) -> str:
    """Draw a curve, dashed where no gradient comes back along it."""
    start = curve.boxes[0]
    x, y = start.x + start.width, start.y + start.height / 2
    path = f"M{x:.1f} {y:.1f}"
    for box in curve.boxes[1:]:
        to_x, to_y = box.x, box.y + box.height / 2
        middle = (x + to_x) / 2
        path += f" C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        x, y = box.x + box.width, to_y
        if box.kind == "way":
            path += f" L{x:.1f} {y:.1f}"
    dashed = ' class="mg-nograd"' if curve.value.grad is None else ""
    return f'<path{dashed} marker-end="url(#mg-arrow)" d="{path}"/>'


def _label(curve: Curve) -> str:
    """Name a value over the beginning of its curves; they all have the same label."""
    start = curve.boxes[0]
    x, y = start.x + start.width + 6, start.y + start.height / 2 - 5
    text = escape(label_of(curve.value))
    return f'<text class="mg-label" x="{x:.1f}" y="{y:.1f}">{text}</text>'

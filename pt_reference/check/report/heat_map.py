"""Arrays as tables whose cells are coloured: blue below 0, white at 0, orange above.

The two colours stay apart for eyes that cannot tell red from green, and the number stands in each
cell, so nothing is said by colour alone.
"""

import itertools
import math
from html import escape

import numpy as np

from pt_reference.check.report.words import number

LEVELS = 8  # on either side of 0
BELOW, ABOVE = (33, 102, 172), (179, 88, 6)
AT_MOST = 600  # cells of one array


def style() -> str:
    """Return the CSS of the cells' colours."""
    rules = []
    for level in range(-LEVELS, LEVELS + 1):
        end, share = (BELOW if level < 0 else ABOVE), abs(level) / LEVELS
        colour = [round(255 + (c - 255) * share) for c in end]
        ink = "#fff" if _luminance(colour) < 0.18 else "#000"  # whichever stands out more
        background = "#" + "".join(f"{c:02x}" for c in colour)
        rules.append(f".map .{_level_class(level)}{{background:{background};color:{ink}}}")
    return "\n".join(rules)


def heat_map(
    title: str, array: np.ndarray, scale: float | None = None, wrong: np.ndarray | None = None
) -> str:
    """Return an array of any shape as HTML: a table for each pair of its last axes."""
    shape = ", ".join(map(str, array.shape)) + ("," if array.ndim == 1 else "")
    head = f"<figcaption>{escape(title)} <span class=shape>({shape}) {array.dtype}</span>"
    rows = array.shape[-2] if array.ndim > 1 else 1
    columns = array.shape[-1] if array.ndim else 1
    if array.size == 0:
        return f"<figure>{head}</figcaption><p>(empty)</p></figure>"
    marks = np.zeros(array.shape, bool) if wrong is None else wrong
    cells, marks = array.reshape(-1, rows, columns), marks.reshape(-1, rows, columns)
    shown = max(1, AT_MOST // (rows * columns))
    if len(cells) > shown:
        head += f", the first {shown} of {len(cells)} tables"
    size = scale_of(array) if scale is None else scale
    labels = itertools.product(*map(range, array.shape[:-2])) if len(cells) > 1 else [()]
    tables = [
        _table(title, label, cells[i], marks[i], size)
        for i, label in enumerate(itertools.islice(labels, shown))
    ]
    return f"<figure>{head}</figcaption><div class=tables>{''.join(tables)}</div></figure>"


def scale_of(*arrays: np.ndarray) -> float:
    """Return the largest finite size in the arrays, which gets the full colour."""
    sizes = [np.abs(a[np.isfinite(a)].astype(float)).max(initial=0.0) for a in arrays]
    return float(max(sizes)) or 1.0


def _table(
    title: str, label: tuple[int, ...], cells: np.ndarray, wrong: np.ndarray, scale: float
) -> str:
    place = f"[{', '.join(map(str, label))}]" if label else ""
    heads = "".join(f"<th scope=col>{j}</th>" for j in range(cells.shape[1]))
    rows = [
        f"<tr><th scope=row>{i}</th>"
        + "".join(_cell(v, bad, scale) for v, bad in zip(row, bads, strict=True))
        + "</tr>"
        for i, (row, bads) in enumerate(zip(cells.tolist(), wrong.tolist(), strict=True))
    ]
    caption = f"<caption><span class=hidden>{escape(title)} </span>{place}</caption>"
    return f"<table class=map>{caption}<tr><td></td>{heads}</tr>{''.join(rows)}</table>"


def _cell(value: float, wrong: bool, scale: float) -> str:
    if math.isfinite(value):
        kind = _level_class(max(-LEVELS, min(LEVELS, round(value / scale * LEVELS))))
    else:
        kind = "odd"
    if not wrong:
        return f"<td class={kind}>{number(value)}</td>"
    mark = "<span aria-hidden=true>✗</span><span class=hidden>wrong: </span>"
    return f'<td class="{kind} wrong">{mark}{number(value)}</td>'


def _level_class(level: int) -> str:
    return f"b{-level}" if level < 0 else f"a{level}"


def _luminance(colour: list[int]) -> float:
    """Return how light a colour is, from 0 to 1, as the eye weighs its parts."""
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

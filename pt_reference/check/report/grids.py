"""Arrays as text: the last two axes as rows and columns, the others as blocks side by side."""

import itertools

import numpy as np

from pt_reference.check.report.words import number

AT_MOST = 16  # lines of one array


def grid(array: np.ndarray, wrong: np.ndarray | None = None, width: int = 76) -> list[str]:
    """Return the lines of an array; with ! before each element that is wrong.

    >>> x = np.array([[0.5, -1], [2, 3]])
    >>> grid(x, x < 0)
    ['  0.5  !-1', '    2    3']
    """
    if array.size == 0:
        return ["(empty)"]
    marks = np.zeros(array.shape, bool) if wrong is None else wrong
    texts = [
        ("!" if bad else "") + number(value)
        for value, bad in zip(array.ravel().tolist(), marks.ravel().tolist(), strict=True)
    ]
    rows = array.shape[-2] if array.ndim > 1 else 1
    columns = array.shape[-1] if array.ndim else 1
    cells = np.array(texts, dtype=object).reshape(-1, rows, columns)
    labels = itertools.product(*map(range, array.shape[:-2])) if len(cells) > 1 else [()]
    blocks = [_block(cells[i], label) for i, label in enumerate(labels)]
    lines = _side_by_side(blocks, width)
    if len(lines) > AT_MOST:
        lines = [*lines[:AT_MOST], "..."]
    return lines


def _block(cells: np.ndarray, label: tuple[int, ...]) -> list[str]:
    widths = [max(len(text) for text in column) for column in cells.T]
    lines = ["  ".join(text.rjust(w) for text, w in zip(row, widths, strict=True)) for row in cells]
    lines = [f"  {line}" if not label else line for line in lines]
    if label:
        lines.insert(0, "[" + ", ".join(map(str, label)) + "]")
    width = max(map(len, lines))
    return [line.ljust(width) for line in lines]


def _side_by_side(blocks: list[list[str]], width: int) -> list[str]:
    """Set blocks beside each other, as many as fit, and begin again below."""
    lines: list[str] = []
    while blocks:
        count, used = 0, 0
        while count < len(blocks) and (not count or used + len(blocks[count][0]) <= width):
            used += len(blocks[count][0]) + 4
            count += 1
        lines += ["    ".join(parts) for parts in zip(*blocks[:count], strict=True)]
        blocks = blocks[count:]
    return [line.rstrip() if len(line) <= width else line[: width - 4] + " ..." for line in lines]

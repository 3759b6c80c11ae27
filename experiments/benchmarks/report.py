"""The tables: ratios to PyTorch, and minigrad beside all others."""

from typing import Any

from experiments.benchmarks.floor import FLOOR
from experiments.benchmarks.row import OURS, PYTORCH, Row, slope
from experiments.report import table

NUMPY = "NumPy"  # beside which an import is timed


def threads_text(number: int) -> str:
    """Return a number of threads for reading.

    >>> threads_text(1), threads_text(2)
    ('1 thread', '2 threads')
    """
    return f"{number} thread{'s' * (number != 1)}"


def rows_table(rows: list[Row]) -> str:
    """Return a line for each library of each row that PyTorch takes part in."""
    header = ["", "library", "/ PyTorch", "half of the turns", "its", "PyTorch's", "minigrad / it"]
    lines = []
    for row in rows:
        if PYTORCH not in row.taken:
            continue
        what, theirs = row.key.what, amount(row, PYTORCH)
        for name in (name for name in row.taken if name != PYTORCH):
            low, high = row.quartiles(name)
            ours = "" if name == OURS or OURS not in row.taken else f"{row.ratio(OURS, name):.2f}"
            ratio = f"{row.ratio(name):.2f}"
            half = f"{low:.2f} to {high:.2f}"
            lines.append([what, name, ratio, half, amount(row, name), theirs, ours])
            what = ""
    return table(header, lines, left=2) if lines else ""


def amount(row: Row, library: str) -> str:
    """Return what a library took in the median, with its unit.

    >>> from experiments.benchmarks.row import Key
    >>> amount(Row(Key("epochs", ""), {"minigrad": [0.0123]}), "minigrad")
    '12.3 ms'
    """
    taken = row.median(library)
    if row.key.group == "memory":
        return f"{taken / 2**20:.0f} MiB"
    return f"{1e3 * taken:.1f} ms" if taken >= 1e-3 else f"{1e6 * taken:.1f} µs"


def import_line(row: Row) -> str:
    """Return how long minigrad's import takes beside NumPy's."""
    low, high = row.quartiles(OURS, NUMPY)
    ours, theirs = (f"{1000 * row.median(name):.1f}" for name in (OURS, NUMPY))
    ratio = f"{row.ratio(OURS, NUMPY):.2f} ({low:.2f} to {high:.2f})"
    return f"import minigrad / import numpy: {ratio}, {ours} and {theirs} ms"


def slopes(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """Return, for each work that was timed at growing sizes, the sizes and each library's slope."""
    found: dict[str, dict[str, Any]] = {}
    for what in dict.fromkeys(row.key.what for row in rows if row.key.size is not None):
        of_sizes = [row for row in rows if row.key.what == what]
        sizes = [row.key.size for row in of_sizes]
        exponents = {
            name: slope(sizes, [row.median(name) for row in of_sizes]) for name in of_sizes[0].taken
        }
        found[what] = {"sizes": sizes, "slopes": exponents}
    return found


def slopes_table(rows: list[Row]) -> str:
    """Return the exponents with which the cost grows."""
    header = ["cost grows with size to the power", "sizes", OURS, PYTORCH]
    lines = []
    for what, found in slopes(rows).items():
        sizes = f"{found['sizes'][0]} to {found['sizes'][-1]}"
        lines.append([what, sizes, *(f"{found['slopes'][name]:.2f}" for name in (OURS, PYTORCH))])
    return table(header, lines, left=2) if lines else ""


def text(phases: dict[int, list[Row]], notes: list[str], machine: str, turns: int) -> str:
    """Return what is printed: a table for each number of threads."""
    parts = []
    for number, rows in phases.items():
        timed = [row for row in rows if row.key.size is None]
        tables = [rows_table(timed), slopes_table(rows)]
        tables += [import_line(row) for row in rows if NUMPY in row.taken]
        parts += [f"On {threads_text(number)} each:", *(t for t in tables if t)]
    explained = f"Each number is a median, of {turns} turns (slow libraries: fewer)."
    if any(FLOOR in row.taken for rows in phases.values() for row in rows):
        explained += f" {FLOOR.capitalize()}: the floor, the matrix products and nothing else."
    return "\n\n".join([*parts, *notes, f"{explained}\n{machine}"])

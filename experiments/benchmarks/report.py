"""The tables: ratios to PyTorch, and minigrad beside all others."""

from typing import Any

from experiments.benchmarks.floor import FLOOR
from experiments.benchmarks.row import OURS, PYTORCH, Key, Row, slope
from experiments.report import table

NUMPY = "NumPy"  # beside which an import is timed

# What was measured on each number of threads.
Phases = dict[int, list[Row]]


def text(phases: Phases, notes: list[str], machine: str, turns: int) -> str:
    """Return what is printed, and written into a README."""
    imports = [import_line(row) for rows in phases.values() for row in rows if NUMPY in row.taken]
    explained = f"Medians of {turns} turns (slow libraries: fewer), half of the turns in brackets."
    if any(FLOOR in row.taken for rows in phases.values() for row in rows):
        explained += f" {FLOOR.capitalize()}: the matrix products and nothing else, a floor."
    parts = [rows_table(phases), slopes_table(phases), *imports, *notes, f"{explained}\n{machine}"]
    return "\n\n".join(part for part in parts if part)


def by_key(phases: Phases) -> dict[Key, dict[int, Row]]:
    """Return, for each key that PyTorch takes part in, its row on each number of threads."""
    keyed: dict[Key, dict[int, Row]] = {}
    for threads, rows in phases.items():
        for row in rows:
            if PYTORCH in row.taken:
                keyed.setdefault(row.key, {})[threads] = row
    return keyed


def rows_table(phases: Phases) -> str:
    """Return a line for each library of each row, with columns for each number of threads."""
    header = ["", "library"]
    for number in phases:
        header += [f"/ PyTorch, {threads_text(number)}", "it takes", "minigrad / it"]
    lines = []
    for key, rows in by_key(phases).items():
        if key.size is not None:
            continue
        what = key.what
        for name in dict.fromkeys(name for row in rows.values() for name in row.taken):
            lines.append([what, name, *(cell for n in phases for cell in cells(rows[n], name))])
            what = ""
    return table(header, lines) if lines else ""


def cells(row: Row, library: str) -> list[str]:
    """Return a library's ratio to PyTorch, what it took, and minigrad's ratio to it."""
    if library not in row.taken:
        return ["", "", ""]
    low, high = row.quartiles(library)
    spread = "" if library == PYTORCH else f" ({low:.2f} to {high:.2f})"
    beside = "" if library == OURS else f"{row.ratio(OURS, library):.2f}"
    return [f"{row.ratio(library):.2f}{spread}", amount(row, library), beside]


def amount(row: Row, library: str) -> str:
    """Return what a library took in the median, with its unit.

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


def slopes_table(phases: Phases) -> str:
    """Return the exponents with which the cost grows."""
    header = ["grows with the power", "sizes"]
    header += [f"{name}, {threads_text(n)}" for n in phases for name in (OURS, PYTORCH)]
    found = [slopes(rows) for rows in phases.values()]
    lines = []
    for what, first in found[0].items():
        sizes = f"{first['sizes'][0]} to {first['sizes'][-1]}"
        exponents = [phase[what]["slopes"][name] for phase in found for name in (OURS, PYTORCH)]
        lines.append([what, sizes, *(f"{exponent:.2f}" for exponent in exponents)])
    return table(header, lines) if lines else ""


def threads_text(number: int) -> str:
    """Return a number of threads for reading.

    >>> threads_text(1), threads_text(2)
    ('1 thread', '2 threads')
    """
    return f"{number} thread{'s' * (number != 1)}"

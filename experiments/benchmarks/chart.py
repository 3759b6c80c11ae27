"""The picture of the results: narrow, so that it can be read on a telephone too."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from experiments import atomic
from experiments.benchmarks.report import threads_text
from experiments.benchmarks.row import OURS, PYTORCH, Row
from experiments.figures import BLUE, GREY, RED

WIDTH = 4.2  # inches, with letters of 9 points
SHADES = (1.0, 0.45)  # of the first number of threads, and of all


def files(path: Path) -> list[Path]:
    """Return the two files of a chart: FILE.png and FILE.svg, whichever was named."""
    stem = path.with_suffix("") if path.suffix in (".png", ".svg") else path
    return [stem.with_name(stem.name + suffix) for suffix in (".png", ".svg")]


def write(path: Path, phases: dict[int, list[Row]]) -> None:
    """Draw the results into both files."""
    figure = draw(phases)
    for file in files(path):
        content = io.BytesIO()
        figure.savefig(content, format=file.suffix[1:], dpi=200)
        atomic.write(file, content.getvalue())


def draw(phases: dict[int, list[Row]]) -> Figure:
    """Return the figure: a panel for each row of many libraries, one for all other rows, slopes."""
    timed = by_key([row for row in all_rows(phases) if PYTORCH in row.taken], phases)
    many = {key: rows for key, rows in timed.items() if is_wide(rows)}
    few = {key: rows for key, rows in timed.items() if key not in many and key.size is None}
    whats = dict.fromkeys(key.what.rpartition(",")[0] for key in timed if key.size is not None)

    panels: list[tuple[float, Callable[[Axes], None]]] = []
    for key, rows in many.items():
        height = 0.7 + 0.3 * len({name for row in rows.values() for name in row.taken})
        panels.append((height, lambda axes, k=key, r=rows: libraries(axes, k.what, r)))
    if few:
        panels.append((0.8 + 0.22 * len(few), lambda axes: others(axes, few)))
    first = phases[min(phases)]
    panels += [(1.9, lambda axes, w=what: growth(axes, w, first)) for what in whats]

    heights = [height for height, _ in panels]
    figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    grid = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)
    for axes, (_, panel) in zip(grid[:, 0], panels, strict=True):
        panel(axes)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    return figure


def all_rows(phases: dict[int, list[Row]]) -> list[Row]:
    """Return the rows of all phases."""
    return [row for rows in phases.values() for row in rows]


def by_key(rows: list[Row], phases: dict[int, list[Row]]) -> dict[Any, dict[int, Row]]:
    """Return, for each key of the rows, its row on each number of threads."""
    return {
        key: {n: row for n, of_phase in phases.items() for row in of_phase if row.key == key}
        for key in dict.fromkeys(row.key for row in rows)
    }


def is_wide(rows: dict[int, Row]) -> bool:
    """Return whether a row has a panel of its own: there are more libraries than ours and PyTorch."""
    return (
        any(len(row.taken) > 2 for row in rows.values())
        and next(iter(rows.values())).key.size is None
    )


def libraries(axes: Axes, what: str, rows: dict[int, Row]) -> None:
    """Draw a row: a bar for each library and number of threads, the shortest on top."""
    first = rows[min(rows)]
    names = sorted(first.taken, key=first.ratio, reverse=True)
    thickness = 0.8 / len(rows)
    for shade, (threads, row) in zip(SHADES, rows.items(), strict=False):
        at = 0.4 - thickness * (list(rows).index(threads) + 0.5)
        for place, name in enumerate(names):
            if name not in row.taken:
                continue
            color = {OURS: BLUE, PYTORCH: RED}.get(name, GREY)
            axes.barh(place + at, row.ratio(name), thickness * 0.92, color=color, alpha=shade)
            axes.annotate(
                f"{row.ratio(name):.2f}", (row.ratio(name), place + at), (3, 0),
                textcoords="offset points", va="center", fontsize=7, color=GREY,
            )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    numbers = " (paler: ".join(threads_text(n) for n in rows) + (")" if len(rows) > 1 else "")
    finish(axes, f"{what}: time / PyTorch's\n{numbers}", right=1.5)


def others(axes: Axes, keyed: dict[Any, dict[int, Row]]) -> None:
    """Draw minigrad's ratio in each row, with half of its turns; hollow on all threads."""
    keys = list(keyed)[::-1]
    for place, key in enumerate(keys):
        for (threads, row), filled in zip(keyed[key].items(), (True, False), strict=False):
            low, high = row.quartiles(OURS)
            axes.plot([low, high], [place, place], color=BLUE, alpha=0.5, linewidth=2)
            axes.plot(
                row.ratio(OURS), place, "o", color=BLUE, markersize=5,
                markerfacecolor=BLUE if filled else "white",
                label=threads_text(threads) if place == 0 else None,
            )  # fmt: skip
    axes.set_yticks(range(len(keys)), [key.what for key in keys])
    axes.set_ylim(-0.8, len(keys) - 0.2)
    axes.legend(frameon=False, fontsize=7, loc="best")
    finish(axes, "minigrad / PyTorch", right=1.1)


def growth(axes: Axes, what: str, rows: list[Row]) -> None:
    """Draw how the time of a layer grows with one of its sizes, forward and backward."""
    for way, line in (("forward", "-"), ("backward", "--")):
        of_sizes = [r for r in rows if r.key.what == f"{what}, {way}" and PYTORCH in r.taken]
        sizes = [row.key.size for row in of_sizes]
        for name, color in ((OURS, BLUE), (PYTORCH, RED)):
            milliseconds = [1e3 * row.median(name) for row in of_sizes]
            label = f"{name}, {way}"
            axes.plot(sizes, milliseconds, line, color=color, marker="o", ms=3, label=label)
    axes.set(xscale="log", yscale="log")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_title(f"{what}: ms", fontsize=9, loc="left")
    axes.legend(frameon=False, fontsize=6)


def finish(axes: Axes, title: str, right: float) -> None:
    """Give an axis of ratios its scale, with PyTorch's time as a line."""
    axes.axvline(1, color=RED, linewidth=1, zorder=0)
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0.5), max(high * right, 2))  # room for the numbers
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_title(title, fontsize=9, loc="left")

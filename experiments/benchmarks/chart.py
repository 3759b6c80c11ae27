"""The picture of the results: narrow, so that it can be read on a telephone too."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

from experiments.benchmarks.report import Phases, by_key, threads_text
from experiments.benchmarks.row import OURS, PYTORCH, Key, Row
from experiments.figures import BLUE, GREY, RED, as_typed

WIDTH = 4.2  # inches, with letters of 7 to 9 points
FILLED = (True, False)  # the marks for one thread, and for all

# A row on each number of threads.
Rows = dict[int, Row]


@as_typed
def draw(phases: Phases) -> Figure:
    """Return the figure: a panel for each row of many libraries, one for all others, slopes."""
    keyed = by_key(phases)
    many = {key: rows for key, rows in keyed.items() if key.size is None and is_wide(rows)}
    few = {key: rows for key, rows in keyed.items() if key.size is None and key not in many}
    growing = dict.fromkeys(key.what.rpartition(",")[0] for key in keyed if key.size is not None)

    panels: list[tuple[float, Callable[[Axes], None]]] = []  # heights in inches
    for key, rows in many.items():
        height = 0.6 + 0.33 * max(len(row.taken) for row in rows.values())
        panels.append((height, lambda axes, k=key, r=rows: libraries(axes, k.what, r)))
    if few:
        panels.append((0.8 + 0.2 * len(few), lambda axes: others(axes, few)))
    first = phases[min(phases)]
    panels += [(1.9, lambda axes, w=what: growth(axes, w, first)) for what in growing]

    heights = [height for height, _ in panels]
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.4), layout="constrained")
    grid = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)
    for axes, (_, panel) in zip(grid[:, 0], panels, strict=True):
        panel(axes)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=7 if len(few) > 12 else 8)
    meaning = legend(list(phases), bool(growing))
    figure.legend(handles=meaning, loc="outside upper center", frameon=False, fontsize=8, ncols=3)
    return figure


def is_wide(rows: Rows) -> bool:
    """Return whether a row has a panel of its own: it is of more than ours and PyTorch."""
    return any(len(row.taken) > 2 for row in rows.values())


def libraries(axes: Axes, what: str, rows: Rows) -> None:
    """Draw a row: a line for each library, the fastest on top."""
    first = rows[min(rows)]
    names = sorted(set(first.taken) - {PYTORCH}, key=first.ratio, reverse=True)
    for row, filled, lift in zip(rows.values(), FILLED, (0.17, -0.17), strict=False):
        for place, name in enumerate(names):
            if name in row.taken:
                ratio, color = row.ratio(name), BLUE if name == OURS else GREY
                mark(axes, ratio, place + lift, filled, color)
                axes.annotate(
                    f"{ratio:.2f}", (ratio, place + lift), (6, 0), textcoords="offset points",
                    va="center", fontsize=7, color=color,
                )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
    finish(axes, f"{what} / PyTorch's", right=1.7)


def others(axes: Axes, keyed: dict[Key, Rows]) -> None:
    """Draw minigrad's ratio in each row, with half of its turns."""
    keys = list(keyed)[::-1]
    for place, key in enumerate(keys):
        for row, filled in zip(keyed[key].values(), FILLED, strict=False):
            low, high = row.quartiles(OURS)
            axes.plot([low, high], [place, place], color=BLUE, alpha=0.5, linewidth=2)
            mark(axes, row.ratio(OURS), place, filled, BLUE)
    axes.set_yticks(range(len(keys)), [key.what for key in keys])
    axes.set_ylim(-0.8, len(keys) - 0.2)
    finish(axes, "minigrad / PyTorch", right=1.1)


def growth(axes: Axes, what: str, rows: list[Row]) -> None:
    """Draw how the time of a layer grows with one of its sizes, forward and backward."""
    for way, line in (("forward", "-"), ("backward", "--")):
        of_sizes = [r for r in rows if r.key.what == f"{what}, {way}" and PYTORCH in r.taken]
        sizes = [row.key.size for row in of_sizes]
        for name, color in ((OURS, BLUE), (PYTORCH, RED)):
            milliseconds = [1e3 * row.median(name) for row in of_sizes]
            axes.plot(sizes, milliseconds, line, color=color, marker="o", markersize=3)
        axes.set(xscale="log", yscale="log")
        axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_title(f"{what}: ms", fontsize=9, loc="right")


def mark(axes: Axes, x: float, y: float, filled: bool, color: str) -> None:
    """Draw a mark: filled on one thread, hollow on all."""
    face = color if filled else "white"
    axes.plot(x, y, "o", color=color, markerfacecolor=face, markersize=5)


def finish(axes: Axes, title: str, right: float) -> None:
    """Give an axis of ratios its scale, with PyTorch's time as a line."""
    axes.axvline(1, color=RED, linewidth=1, zorder=0)
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0.5), max(high * right, 2))  # room for the numbers
    steps = (1,) if high / low > 50 else (1, 2, 5)
    axes.xaxis.set_major_locator(LogLocator(subs=steps))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_title(title, fontsize=9, loc="right")  # there is room to the left


def legend(threads: list[int], slopes: bool) -> list[Line2D]:
    """Return what the marks and lines mean."""
    marks = [
        Line2D([], [], ls="", marker="o", color=BLUE, mfc=face, label=threads_text(number))
        for number, face in zip(threads, (BLUE, "white"), strict=False)
    ]
    lines = [("PyTorch", RED, "-")]
    if slopes:
        lines += [("minigrad", BLUE, "-"), ("forward", GREY, "-"), ("backward", GREY, "--")]
    return marks + [Line2D([], [], color=c, ls=style, label=label) for label, c, style in lines]

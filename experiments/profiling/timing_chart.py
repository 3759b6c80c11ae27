"""The time of a step as a picture: a bar of the whole, and below it the network, layer by layer."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from experiments.charts import AROUND, BACKWARD, FORWARD, INK, WIDTH, bare
from experiments.figures import as_typed
from experiments.profiling.timing import ADAMAX, LOADER, LOOP, MODULES, WALK, ZERO_GRAD, Timing

SMALL = 0.012  # of a step: operations below it share a row
BAR = 0.38
CUTS = """White cuts a backward into what it calls: a convolution's
two gradients, a pooling's choice of the winners."""
# A row each: its name, the event of its time in forward, and in backward.
ROWS_AROUND = (
    ("modules, recording", MODULES, None),
    ("walk of the graph", None, WALK),
    ("Adamax", ADAMAX, None),
    ("loader", LOADER, None),
)


@as_typed
def chart(timings: Sequence[Timing]) -> Figure:
    """Draw the steps of one or several networks, one below the other."""
    rows = [network_rows(timing) for timing in timings]
    heights = [len(of_network) + len(ROWS_AROUND) + 6 for of_network in rows]
    figure = Figure(figsize=(WIDTH, 0.3 * sum(heights)), layout="constrained")
    all_axes = figure.subplots(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, timing, of_network in zip(all_axes, timings, rows, strict=True):
        draw(axes, timing, of_network)
    return figure


Row = tuple[str, float, list[float]]  # name, forward, and the pieces of backward


def network_rows(timing: Timing) -> list[Row]:
    """Return the operations from the input to the loss; those that take no time worth a row last.

    The pieces of a backward are what it called, such as a convolution's two gradients.
    """
    rows: list[Row] = []
    small: list[Row] = []
    for o in timing.operations:
        pieces = [*o.within.values(), o.backward - sum(o.within.values())]
        is_small = o.forward + o.backward < SMALL * timing.whole
        (small if is_small else rows).append((label(o.name, o.output), o.forward, pieces))
    if small:
        total = sum(row[1] for row in small), [sum(sum(row[2]) for row in small)]
        rows.append((f"{len(small)} small operations", *total))
    return rows


def label(name: str, output: tuple[int, ...]) -> str:
    """Return an operation and the shape it makes of each image.

    >>> label("Conv2d", (16, 8, 8))
    'Conv2d → 16×8×8'
    """
    return f"{name} → {'×'.join(map(str, output))}" if output else name


def draw(axes: Axes, timing: Timing, network: list[Row]) -> None:
    """Draw a network's rows, from the top down."""
    bare(axes)
    heading(axes, timing)
    whole_bar(axes, timing)
    rows = [(name, forward, pieces, (FORWARD, BACKWARD)) for name, forward, pieces in network]
    for name, before, after in ROWS_AROUND:
        times = [timing.around[event] if event else 0.0 for event in (before, after)]
        if before == MODULES:  # the smallest parts of all have no row of their own
            times[0] += timing.around[LOOP] + timing.around[ZERO_GRAD]
        rows.append((name, times[0], [times[1]], (AROUND, AROUND)))
    longest = max(max(forward, sum(pieces)) for _, forward, pieces, _ in rows)
    positions = [2.6 + k + 0.5 * (k >= len(network)) for k in range(len(rows))]
    for y, (_, forward, pieces, colors) in zip(positions, rows, strict=True):
        both = bool(forward) + bool(sum(pieces)) > 1
        bar(axes, y - BAR / 2 * both, [forward], colors[0], longest, timing.whole)
        bar(axes, y + BAR / 2 * both, pieces, colors[1], longest, timing.whole)
    axes.set_yticks(positions, [row[0] for row in rows])
    axes.set_xticks([])
    axes.set(xlim=(0, 1), ylim=(positions[-1] + 2.4, -0.6))
    axes.text(0, positions[-1] + 1.1, CUTS, va="top", fontsize=7.5, color=INK)


def heading(axes: Axes, timing: Timing) -> None:
    """Write what is drawn, and what the colours mean, above and below the bar of the whole."""
    axes.set_title(
        f"{timing.model.upper()}: a training step of {timing.batch_size} images\n",
        loc="left", x=0, fontsize=10, fontweight="bold", color=INK,
    )  # fmt: skip
    axes.text(
        0, -0.7, f"{readable(timing.plain)}; {readable(timing.whole)} while profiled, as drawn",
        fontsize=8.5, color=INK,
    )  # fmt: skip
    kinds = (("forward, downwards", FORWARD), ("backward, upwards", BACKWARD), ("around", AROUND))
    axes.legend(
        handles=[Patch(color=color, label=name) for name, color in kinds],
        loc="upper left", bbox_to_anchor=(0, 0.6), bbox_transform=axes.get_yaxis_transform(),
        ncols=3, frameon=False, fontsize=8, handlelength=0.7, handletextpad=0.4,
        columnspacing=0.8, borderpad=0,
    )  # fmt: skip


def whole_bar(axes: Axes, timing: Timing) -> None:
    """Draw the whole step as one bar, cut into its three kinds."""
    forward = sum(o.forward for o in timing.operations)
    backward = sum(o.backward for o in timing.operations)
    parts = [(forward, FORWARD), (backward, BACKWARD), (sum(timing.around.values()), AROUND)]
    left = 0.0
    for time, color in parts:
        width = time / timing.whole
        axes.barh(0, width, 0.9, left, color=color, edgecolor="white")
        if width > 0.07:
            axes.text(
                left + width / 2, 0, f"{100 * width:.0f} %",
                ha="center", va="center", fontsize=9, fontweight="bold",
                color=INK if color == BACKWARD else "white",
            )  # fmt: skip
        left += width


def bar(
    axes: Axes, y: float, pieces: list[float], color: str, longest: float, whole: float
) -> None:
    """Draw a bar of pieces, the longest bar of all nearly as wide as the axes, and its time."""
    scale, left = 0.8 / longest, 0.0
    for time in pieces:
        axes.barh(y, scale * time, BAR, left, color=color, edgecolor="white", linewidth=0.6)
        left += scale * time
    if left:
        share = 100 * sum(pieces) / whole
        text = f"{readable(sum(pieces))}, {f'{share:.0f}' if share >= 1 else '< 1'} %"
        axes.text(left + 0.01, y, text, va="center", fontsize=7.5, color=INK)


def readable(us: float) -> str:
    """Return a time for reading.

    >>> readable(94.2), readable(2345.6), readable(92345.6)
    ('94 µs', '2.35 ms', '92 ms')
    """
    if us < 1000:
        return f"{us:.0f} µs"
    return f"{us / 1000:.2f} ms" if us < 10_000 else f"{us / 1000:.0f} ms"

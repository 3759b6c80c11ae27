"""The saved bytes as a curve: they grow layer by layer up to the loss, and shrink after it."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.charts import BACKWARD, FORWARD, INK, WIDTH, bare
from experiments.figures import as_typed
from experiments.profiling.memory import Memory
from experiments.profiling.memory_text import size

HEIGHT = 3.3  # inches a network


@as_typed
def chart(networks: Sequence[tuple[str, int, Memory, Memory]]) -> Figure:
    """Draw (name, batch size, minigrad's memory, PyTorch's) of networks, one below the other."""
    figure = Figure(figsize=(WIDTH, HEIGHT * len(networks)), layout="constrained")
    all_axes = figure.subplots(len(networks), 1, squeeze=False)[:, 0]
    for axes, (model, batch_size, ours, theirs) in zip(all_axes, networks, strict=True):
        draw(axes, ours, theirs)
        axes.set_title(
            f"{model.upper()}: saved for backward, {batch_size} images",
            loc="left", fontsize=10, fontweight="bold", color=INK,
        )  # fmt: skip
    return figure


def draw(axes: Axes, ours: Memory, theirs: Memory) -> None:
    """Draw both curves over the layers, forward and then backward."""
    bare(axes)
    curves = [memory.curve() for memory in (ours, theirs)]
    x = range(len(curves[0]))
    axes.fill_between(x, curves[0], step="mid", color=FORWARD, alpha=0.25, linewidth=0)
    axes.step(
        x, curves[0], where="mid", color=FORWARD, linewidth=2.4,
        label=f"minigrad, {size(max(ours.curve()))}",
    )  # fmt: skip
    axes.step(
        x, curves[1], where="mid", color=BACKWARD, linewidth=1.6, dashes=(4, 2),
        label=f"PyTorch, {size(max(theirs.curve()))}",
    )  # fmt: skip
    kinds = [layer.split()[-1] for layer in ours.layers]  # without the names
    axes.set_xticks(x, kinds + kinds[::-1], rotation=90, fontsize=7)
    axes.axvline(len(kinds) - 0.5, color=INK, linewidth=0.8, linestyle=":")
    top = 1.3 * max(max(curve) for curve in curves)
    for shift, side, words in ((-0.3, "right", "forward →"), (0.3, "left", "→ backward")):
        x_loss = len(kinds) - 0.5
        axes.text(x_loss + shift, top, words, ha=side, va="top", fontsize=8, color=INK)
    axes.set(ylim=(0, top), xlim=(-0.5, len(x) - 0.5))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(lambda count, _: size(count).replace(".0 ", " "))
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=8, loc="upper left", borderpad=0, handlelength=2.4)

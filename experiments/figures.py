"""The assignment's figures, and the one that sets the runs side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from experiments.settings import FRAMEWORKS

if TYPE_CHECKING:
    from experiments.run import Result

BLUE, RED, GREY = "#1f5fa8", "#c4402f", "#555555"
COLORS = {"mlp": "#d9822b", "cnn": BLUE}
# Where both frameworks agree, PyTorch's thin dashes run along minigrad's broad line.
STYLES = {
    "minigrad": {"linewidth": 4, "alpha": 0.45, "solid_capstyle": "round"},
    "torch": {"linewidth": 1.2, "dashes": (4, 2)},
}

# Decorates what draws: a text is shown as it was typed, for "$" in a name begins no formula.
as_typed = matplotlib.rc_context({"text.parse_math": False})


def digits_grid(images: np.ndarray, labels: np.ndarray) -> Figure:
    """Draw the first 16 images (N, 64) in a grid, each with its label."""
    figure = Figure(figsize=(4, 4.4), layout="constrained")
    for axes, image, label in zip(figure.subplots(4, 4).flat, images, labels, strict=False):
        axes.imshow(image.reshape(8, 8), cmap="gray")
        axes.set_title(str(label), fontsize=10, pad=3)
        axes.set_axis_off()
    return figure


def validation_curves(result: "Result") -> dict[str, Figure]:
    """Draw a run's validation nll and error, the test value dashed; keys 'nll' and 'ce'."""
    nll = [row.val_nll for row in result.history]
    ce = [row.val_ce for row in result.history]
    return {
        "nll": _curve(result, nll, "negative log-likelihood", result.test_nll, BLUE),
        "ce": _curve(result, ce, "classification error", result.test_ce, RED),
    }


@as_typed
def _curve(
    result: "Result", signal: Sequence[float], quantity: str, test: float, color: str
) -> Figure:
    s = result.settings
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot(signal, color=color, linewidth=2.5, label="validation")
    if np.isfinite(test):
        axes.axhline(test, color=GREY, linestyle="--", linewidth=1.2, label="test, best weights")
        axes.annotate(
            f"{test:.3f}", (1, test), (4, 0), axes.get_yaxis_transform(), "offset points",
            va="center", color=GREY,
        )  # fmt: skip
    axes.plot(
        result.best_epoch, signal[result.best_epoch], "o", color=color, mec="white", ms=9,
        label=f"best epoch: {result.best_epoch}",
    )  # fmt: skip
    axes.set(
        title="\n".join([s.title, *s.remarks]),
        xlabel="epochs",
        ylabel=quantity,
    )
    axes.set_ylim(bottom=0)
    _finish(axes)
    axes.legend(frameon=False)
    return figure


@as_typed
def comparison(results: Sequence["Result"]) -> Figure:
    """Draw validation nll and error of several runs, one colour a model, one stroke a framework."""
    figure = Figure(figsize=(9.6, 3.8), layout="constrained")
    nll, error = figure.subplots(1, 2)
    for result in results:
        s = result.settings
        test = f"test {result.test_nll:.3f}", f"test {100 * result.test_ce:.1f} %"
        label = f"{s.model.upper()}, {FRAMEWORKS[s.backend]}"
        style = {"color": COLORS[s.model], **STYLES[s.backend]}
        nll.plot([row.val_nll for row in result.history], label=f"{label}: {test[0]}", **style)
        error.plot(
            [100 * row.val_ce for row in result.history], label=f"{label}: {test[1]}", **style
        )
    for axes, title in (
        (nll, "Validation negative log-likelihood"),
        (error, "Validation error in %"),
    ):
        axes.set(title=title, xlabel="epochs", yscale="log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_locator(NullLocator())
        _finish(axes)
        axes.legend(frameon=False, handlelength=3)
    return figure


def _finish(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0.01)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))

"""The figures of a report, and how they get into a page that needs no other file."""

import base64
import html
import io
import re
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from experiments.figures import BLUE, GREY, RED
from experiments.run_report.measurements import Mistake, Rate
from experiments.training import Epoch

GRID, INK = "#e4e4e4", "#222222"
# In the page each colour is a variable, for a page is light or dark as its reader's screen is.
VARIABLES = {BLUE: "--blue", RED: "--orange", GREY: "--grey", GRID: "--grid", INK: "--ink"}
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def curve(
    history: Sequence[Epoch], quantity: str, best_epoch: int, test: float, title: str
) -> Figure:
    """Draw 'val_nll' or 'val_ce' over the epochs, the training nll thin, the test value dashed."""
    of_nll = quantity == "val_nll"
    color, label = (BLUE, "negative log-likelihood") if of_nll else (RED, "classification error")
    figure = Figure(figsize=(4.1, 3.0), layout="constrained")
    axes = figure.subplots()
    epochs, values = [e.epoch for e in history], [getattr(e, quantity) for e in history]
    if of_nll:
        trained = [e for e in history if e.train_nll is not None]
        axes.plot([e.epoch for e in trained], [e.train_nll for e in trained],
                  color=GREY, linewidth=1, label="training, on the way")  # fmt: skip
    axes.plot(epochs, values, color=color, linewidth=2.2, label="validation")
    if np.isfinite(test):
        axes.axhline(
            test, color=INK, linestyle="--", linewidth=1.2, label=f"test, best weights: {test:.3f}"
        )
    axes.plot(
        best_epoch, values[epochs.index(best_epoch)], "o", color=color, markersize=7,
        label=f"best epoch: {best_epoch}",
    )  # fmt: skip
    axes.set_title(title, fontsize=10, color=INK, parse_math=False)
    axes.set_xlabel("epochs")
    axes.set_ylabel(label)
    # The untrained network may be off the scale: what comes after it is to be told apart.
    shown = [v for v in [test, *values[1:]] if np.isfinite(v)]
    axes.set_ylim(0, 1.1 * max(shown, default=1.0) or 1.0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    finish(axes)
    axes.legend(frameon=False, fontsize=8.5, labelcolor=INK)
    return figure


def class_errors(rates: Sequence[Rate], whole: Rate, title: str) -> Figure:
    """Draw the error of each digit in percent, with its interval; that of all is dashed."""
    figure = Figure(figsize=(4.1, 2.8), layout="constrained")
    axes = figure.subplots()
    for digit, rate in enumerate(rates):
        if rate.images:
            low, high = (100 * end for end in rate.interval)
            axes.plot([digit, digit], [low, high], color=BLUE, linewidth=2)
            axes.plot(digit, 100 * rate.error, "o", color=BLUE, markersize=6)
    axes.axhline(100 * whole.error, color=INK, linestyle="--", linewidth=1.2)
    axes.set_title(title, fontsize=10, color=INK, parse_math=False)
    axes.set_xlabel("digit")
    axes.set_ylabel("error in %")
    axes.set_xticks(range(len(rates)))
    axes.set_ylim(bottom=0)
    finish(axes)
    return figure


def finish(axes: Axes) -> None:
    """Give axes the looks of all figures."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(color=GREY, labelcolor=INK, labelsize=9)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(color=INK, fontsize=9)


def mistakes_sheet(images: np.ndarray, mistakes: Sequence[Mistake], title: str) -> Figure:
    """Draw wrong digits (k, 3, 32, 32), each with its label, the prediction and its probability."""
    captions = [f"{m.label} as {m.predicted}\np={m.probability:.3f}" for m in mistakes]
    return sheet(np.moveaxis(images, 1, -1), captions, title)


def sheet(pictures: np.ndarray, captions: Sequence[str], title: str, columns: int = 6) -> Figure:
    """Draw pictures uint8 (k, height, width, 3) in rows, each below its caption of two lines."""
    rows = max(1, -(-len(pictures) // columns))
    height = 1.45 if any(captions) else 1.1  # of a row; a picture is 1 wide, with 0.1 between
    figure = Figure(figsize=(1.1 * columns, 0.4 + height * rows), layout="constrained")
    axes = figure.subplots()  # one for all: with one each, drawing would take ten times as long
    axes.set_title(title, fontsize=10, parse_math=False)
    axes.set_axis_off()
    for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        row, column = divmod(number, columns)
        left, bottom = 1.1 * column, -height * (row + 1)
        axes.imshow(picture, extent=(left, left + 1, bottom, bottom + 1))
        axes.text(left + 0.5, bottom + 1.05, caption, fontsize=8, ha="center", va="bottom")
    axes.set(xlim=(0, 1.1 * columns), ylim=(-height * rows, 0))
    return figure


def filter_pictures(filters: np.ndarray) -> np.ndarray:
    """Return filters (O, 3, kH, kW) as colours, uint8 (O, kH, kW, 3).

    Grey is 0; each filter is stretched by its own largest weight.

    >>> filter_pictures(np.array([-1.0, 0.0, 1.0]).reshape(1, 3, 1, 1)).tolist()
    [[[[0, 128, 255]]]]
    """
    largest = np.abs(filters).max(axis=(1, 2, 3), keepdims=True)
    scaled = filters / np.where(largest > 0, largest, 1)  # -1..1
    return np.moveaxis(np.rint(127.5 + 127.5 * scaled).astype(np.uint8), 1, -1)


def png(figure: Figure) -> bytes:
    """Return a figure as PNG, with a white ground."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    return content.getvalue()


def svg(figure: Figure, name: str, alt: str) -> str:
    """Return a figure as SVG to stand in a page, where no other has the same name.

    Its letters are letters, its colours the page's variables.
    """
    content = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(content, format="svg", transparent=True, metadata=NO_METADATA)
    text = content.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\1{name}-", text)
    for color, variable in VARIABLES.items():
        text = text.replace(color, f"var({variable})")
    return text.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt)}" ', 1)


def data_uri(picture: np.ndarray) -> str:
    """Return a picture uint8 (height, width, 3) as the address of an <img>."""
    content = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(content, "png", optimize=True)
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()

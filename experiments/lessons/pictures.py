"""The pictures that the lessons draw again and again: heat maps, and graphs of a computation."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from experiments.figures import BLUE, GREY, RED


def heat_maps(
    arrays: Mapping[str, np.ndarray],
    signed: bool = True,
    numbers: bool = True,
    one_scale: bool = False,
) -> Figure:
    """Draw 2-D arrays in a row, each under its title.

    ``signed``: red is positive, blue negative and white zero; otherwise dark is small and bright is
    large. ``numbers``: written into the cells. ``one_scale``: the same colours mean the same
    numbers in all arrays, and not only within each.
    """
    everything = np.concatenate([array.ravel() for array in arrays.values()])
    shapes = [array.shape for array in arrays.values()]
    figure, row = plt.subplots(
        1,
        len(arrays),
        figsize=(sum(0.62 * w + 0.6 for _, w in shapes), 0.62 * max(h for h, _ in shapes) + 0.7),
        width_ratios=[w for _, w in shapes],
        squeeze=False,
        layout="constrained",
    )
    for axes, (title, array) in zip(row[0], arrays.items(), strict=True):
        seen = everything if one_scale else array
        top = (np.abs(seen) if signed else seen).max()
        low, color_map = (-top, "RdBu_r") if signed else (seen.min(), "viridis")
        if low == top:  # all zero, or all the same
            low, top = low - 1, top + 1
        axes.pcolormesh(array, cmap=color_map, vmin=low, vmax=top, edgecolors="#cccccc")
        axes.set_title(title, fontsize=10)
        axes.set(xticks=[], yticks=[], aspect="equal")
        axes.invert_yaxis()  # the first row on top
        if numbers:
            for (i, j), value in np.ndenumerate(array):
                dark = abs(value) > 0.6 * top if signed else value < (low + top) / 2
                color = "white" if dark else "black"
                where = {"ha": "center", "va": "center", "fontsize": 9}
                axes.text(j + 0.5, i + 0.5, f"{value:.3g}", color=color, **where)
    return figure


def graph(
    places: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str, str, str]],
    size: tuple[float, float] = (7.5, 2.6),
) -> Figure:
    """Draw a computation: values in boxes, forward arrows above, what flows back below them.

    ``places``: of each value, its text and the middle of its box. ``edges``: from, to, what is
    written on the way forward, and on the way back.
    """
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    box = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": GREY}
    for start, end, forward, back in edges:
        (x, y), (u, v) = places[start], places[end]
        across = np.array([y - v, u - x]) / np.hypot(u - x, v - y)  # upwards, one long
        for side, tail, head, color, said in (
            (0.07, (x, y), (u, v), BLUE, forward),
            (-0.07, (u, v), (x, y), RED, back),
        ):
            dx, dy = side * across
            axes.annotate(
                "",
                (head[0] + dx, head[1] + dy),
                (tail[0] + dx, tail[1] + dy),
                arrowprops={"arrowstyle": "->", "color": color, "shrinkA": 26, "shrinkB": 26},
            )
            middle = np.array([(x + u) / 2, (y + v) / 2]) + 3 * side * across
            axes.text(*middle, said, ha="center", va="center", color=color, fontsize=10)
    for said, (x, y) in places.items():
        axes.text(x, y, said, ha="center", va="center", bbox=box, fontsize=11)
    xs, ys = zip(*places.values(), strict=True)
    axes.set(xlim=(min(xs) - 0.5, max(xs) + 0.5), ylim=(min(ys) - 0.5, max(ys) + 0.5))
    axes.set_axis_off()
    return figure

"""The pictures of a sweep: how the best value came down, and what each option did to the values."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator
from optuna.trial import FrozenTrial, TrialState

from experiments.figures import BLUE, GREY, RED, as_typed
from experiments.run_report.pictures import finish
from experiments.sweep.space import Range, Space

QUANTITY = "validation nll"
IN_A_ROW = 3
WIDE = 4


@as_typed
def history(found: Sequence[FrozenTrial], name: str) -> Figure:
    """Draw the trials in their order, and the best of them so far."""
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    by_number = sorted(found, key=lambda trial: trial.number)
    for state, mark, face, label in (
        (TrialState.COMPLETE, "o", BLUE, "finished"),
        (TrialState.PRUNED, "o", "white", "ended early, its last epoch"),
    ):
        these = [t for t in by_number if t.state == state and t.value is not None]
        if these:
            axes.plot([t.number for t in these], [t.value for t in these], mark, label=label,
                      markerfacecolor=face, markeredgecolor=BLUE, markersize=6)  # fmt: skip
    best, steps = math.inf, []
    for trial in by_number:
        if trial.state == TrialState.COMPLETE:
            best = min(best, trial.value)
        steps.append(best)
    axes.step([t.number for t in by_number], steps, where="post", color=RED, linewidth=1.8,
              label="best so far")  # fmt: skip
    if lost := [trial.number for trial in by_number if trial.state == TrialState.FAIL]:
        axes.plot(lost, [0] * len(lost), "x", color=GREY, clip_on=False,
                  label="failed or interrupted",
                  transform=axes.get_xaxis_transform())  # fmt: skip
    axes.set(xlabel="trial", ylabel=QUANTITY)
    axes.set_title(f"The trials: {name}")
    finish(axes)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    shown = [trial.value for trial in by_number if trial.value is not None]
    if max(shown) > WIDE * min(shown) > 0:  # a poor trial must not flatten the others
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_locator(NullLocator())
    axes.legend(frameon=False)
    return figure


@as_typed
def slices(
    complete: Sequence[FrozenTrial], space: Space, shares: Mapping[str, float], name: str
) -> Figure:
    """Draw the finished trials' values over each option, the one that mattered most first."""
    names = [*shares, *(option for option in space.searched if option not in shares)]
    rows, columns = math.ceil(len(names) / IN_A_ROW), min(len(names), IN_A_ROW)
    figure = Figure(figsize=(1 + 3.1 * columns, 0.5 + 2.9 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for option, axes in zip(names, grid.flat, strict=False):
        _slice(axes, option, complete, space)
        share = f": {100 * shares[option]:.0f} %" if option in shares else ""
        axes.set_title(f"{option}{share}", fontsize=11)
    for axes in grid.flat[len(names) :]:
        axes.set_axis_off()
    for row in grid:
        row[0].set_ylabel(QUANTITY)
    what = "share of the variance" if shares else "values of the finished trials"
    figure.suptitle(f"What mattered ({what}; the best in red): {name}", fontsize=11)
    return figure


def _slice(axes: Axes, option: str, complete: Sequence[FrozenTrial], space: Space) -> None:
    these = [trial for trial in complete if option in trial.params]
    values, best = space.searched[option], min(complete, key=lambda trial: trial.value)
    if isinstance(values, Range):
        place = {trial.number: trial.params[option] for trial in these}
    else:  # side by side, as the file lists them
        place = {trial.number: values.values.index(trial.params[option]) for trial in these}
    axes.plot([place[t.number] for t in these], [t.value for t in these], "o", color=BLUE,
              alpha=0.7, markeredgecolor="white", markersize=7)  # fmt: skip
    if best.number in place:
        axes.plot(place[best.number], best.value, "o", color=RED, markeredgecolor="white",
                  markersize=9)  # fmt: skip
    finish(axes)
    if isinstance(values, Range):
        if values.log:
            axes.set_xscale("log")
            axes.set_xlim(values.low / 1.2, values.high * 1.2)
            axes.xaxis.set_minor_formatter(NullFormatter())
        else:
            margin = 0.03 * (values.high - values.low)
            axes.set_xlim(values.low - margin, values.high + margin)
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=isinstance(values.low, int)))
    else:
        axes.set_xticks(range(len(values.values)), [str(value) for value in values.values])
        axes.set_xlim(-0.5, len(values.values) - 0.5)
        if max(len(str(value)) for value in values.values) * len(values.values) > 24:
            axes.tick_params(axis="x", labelrotation=40)

"""Figures show a name as it was typed: a dollar begins no formula."""

import io
from xml.etree import ElementTree

import matplotlib
import pytest
from matplotlib.figure import Figure

from experiments import figures
from experiments.benchmarks import chart
from experiments.benchmarks.row import OURS, PYTORCH, Key, Row
from experiments.profiling import memory_chart, timing, timing_chart
from experiments.profiling.memory import Memory, Save

from .name import NAME, one_line

SHOWN = one_line(NAME)


too_long = pytest.mark.filterwarnings("ignore:constrained_layout not applied")


def words(figure):
    """Every text of a figure, from its drawing."""
    content = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(content, format="svg")
    drawing = ElementTree.fromstring(content.getvalue())
    return one_line(" ".join("".join(text.itertext()) for text in drawing.iter() if text.text))


def test_matplotlib_would_read_a_formula():
    figure = Figure()
    figure.suptitle(NAME)
    with pytest.raises(ValueError, match="frac"):
        words(figure)


def test_the_curves_of_a_run(result):
    for figure in figures.validation_curves(result).values():
        assert SHOWN.upper() in words(figure)


@too_long
def test_the_comparison_of_runs(result, monkeypatch):
    monkeypatch.setitem(figures.COLORS, NAME, "red")
    assert SHOWN.upper() in words(figures.comparison([result]))


def test_the_charts_of_bench():
    rows = [
        Row(Key("epochs", NAME), {OURS: [1.0, 2.0], PYTORCH: [4.0, 4.0], f"of {NAME}": [1.0]}),
        Row(Key("memory", f"a {NAME}"), {OURS: [1.0, 2.0], PYTORCH: [4.0, 4.0]}),
    ]
    found = words(chart.draw({1: rows}))
    assert f"{SHOWN} / PyTorch's" in found
    assert f"of {SHOWN}" in found
    assert f"a {SHOWN}" in found


@too_long
def test_the_charts_of_profiles():
    operation = timing.Operation(NAME, forward=10.0, backward=20.0)
    around = dict.fromkeys(
        (timing.MODULES, timing.WALK, timing.LOOP, timing.LOADER, timing.ADAMAX, timing.ZERO_GRAD),
        1.0,
    )
    found = words(timing_chart.chart([timing.Timing(NAME, 64, 2, 30.0, [operation], around)]))
    assert SHOWN.upper() in found
    assert SHOWN in found  # the operation's row
    memory = Memory([NAME], [Save(NAME, 1, 10)], {}, {})
    assert SHOWN.upper() in words(memory_chart.chart([(NAME, 64, memory, memory)]))

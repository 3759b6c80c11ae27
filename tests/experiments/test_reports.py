"""The numbers at the end: spread over seeds, comparison of two runs, tables."""

import dataclasses
import io
import statistics
from pathlib import Path

import numpy as np
import pytest

from experiments import figures
from experiments.comparison import compare
from experiments.report import Published, Report
from experiments.run import Result
from experiments.seeds import spread
from experiments.settings import Settings
from experiments.training import Epoch

PUBLISHED = {"mlp": Published(0.30, 44 / 447), "cnn": Published(0.19, 27 / 447)}


def result(
    backend="torch",
    model="mlp",
    seed=0,
    nlls=(2.0, 1.0, 0.5),
    ce=0.1,
    labels=(1, 2),
    dtype="float32",
):
    settings = Settings(
        "digits", backend, model, seed, dtype, "cpu", 1000, 20, 1e-3, 1e-5, 64
    )  # fmt: skip
    history = [Epoch(i, None if i == 0 else 1.0, nll, 0.5, 0.25) for i, nll in enumerate(nlls)]
    return Result(
        settings, history, 1, 0.3, ce, np.array(labels), np.zeros((len(labels), 10)), Path("folder")
    )


def test_spread():
    values = [0.4, 0.1, 0.3, 0.2, 0.35]
    s = spread(values, published=0.3)
    assert s.mean == pytest.approx(statistics.mean(values))
    assert s.sd == pytest.approx(statistics.stdev(values))
    assert (s.min, s.max, s.published) == (0.1, 0.4, 0.3)
    assert (s.place, s.of) == (3, 6)  # 0.1 and 0.2 are better, an equal one is not


def test_published_place_at_both_ends():
    assert spread([1.0, 2.0], published=0.5).place == 1
    assert spread([1.0, 2.0], published=9.0).place == 3


def test_comparison():
    ours = result("minigrad", nlls=(2.0, 1.0, 0.5 * (1 + 1e-4), 7.0), labels=(1, 2, 3))
    theirs = result("torch", nlls=(2.0, 1.0 + 1e-9, 0.5), labels=(1, 2, 4))
    c = compare(ours, theirs)
    assert (c.epochs, c.equal_labels, c.labels) == ((3, 2), 2, 3)
    assert c.largest == pytest.approx(1e-4, rel=1e-6)
    assert c.parts_at == 2
    lines = "\n".join(c.lines())
    assert "3 and 2: not equal" in lines
    assert "2 of 3 equal" in lines
    assert "1.0e-04 in epochs 0..2" in lines
    assert "from epoch 2 on" in lines


def test_comparison_of_equal_runs():
    c = compare(result("minigrad", dtype="float64"), result("torch", dtype="float64"))
    assert (c.largest, c.parts_at) == (0.0, None)
    assert "apart" not in "\n".join(c.lines())


def test_a_nan_counts_as_parting():
    c = compare(result("minigrad", nlls=(2.0, float("nan"))), result("torch", nlls=(2.0, 1.0)))
    assert c.parts_at == 1
    assert np.isnan(c.largest)


def test_tables_hold_each_run_beside_the_published_values():
    results = [result(b, m) for m in ("mlp", "cnn") for b in ("minigrad", "torch")]
    lines = Report(results, [], PUBLISHED).runs_table().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[2] == ["minigrad", "mlp", "0", "2", "1", "0.3000", "10.00 %", "0.8"]
    assert cells[-2] == ["published", "mlp", "", "", "", "0.3000", "9.84 %", ""]
    assert cells[-1] == ["published", "cnn", "", "", "", "0.1900", "6.04 %", ""]
    assert len(lines) == 8
    assert {len(line) for line in lines} == {len(lines[0])}
    assert len(lines[0]) <= 100


def test_seeds_are_summarised_for_each_model_and_backend():
    results = [
        result(b, seed=s, ce=ce)
        for s, ce in enumerate((0.08, 0.09, 0.10))
        for b in ("minigrad", "torch")
    ]
    comparisons = [compare(*results[i : i + 2]) for i in (0, 2, 4)]
    report = Report(results, comparisons, PUBLISHED)
    spreads = report.summary()["spreads"]
    assert [(s["model"], s["backend"]) for s in spreads] == [("mlp", "minigrad"), ("mlp", "torch")]
    assert spreads[0]["error"]["mean"] == pytest.approx(0.09)
    assert spreads[0]["error"]["place"] == 3
    text = report.text()
    assert max(map(len, text.splitlines())) <= 100
    assert "3 of 4" in text
    assert "same epoch for 3 of 3 seeds, all labels equal for 3 of 3" in text


def test_one_seed_has_no_spread():
    report = Report([result()], [], PUBLISHED)
    assert report.summary()["spreads"] == []
    assert "its place" not in report.text()


def test_settings_repeat_themselves():
    settings = dataclasses.replace(result().settings, weight_decay=0.0, seed=7)
    assert settings.command == (
        "minigrad digits --backend torch --model mlp --seed 7 --dtype float32 --device cpu "
        "--epochs 1000 --patience 20 --lr 0.001 --weight-decay 0.0 --batch-size 64"
    )


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_figures_of_a_run_that_went_astray(bad):
    astray = dataclasses.replace(result(nlls=(2.0, 1.0, bad)), test_nll=bad)
    for figure in (*figures.validation_curves(astray).values(), figures.comparison([astray])):
        figure.savefig(io.BytesIO(), format="png")


def test_curves_show_the_test_value_and_the_best_epoch():
    run = result(nlls=(2.0, 0.5, 1.0), ce=0.125)
    curves = figures.validation_curves(run)
    for signal, label, values in (
        ("nll", "negative log-likelihood", [2.0, 0.5, 1.0]),
        ("ce", "classification error", [0.5, 0.5, 0.5]),
    ):
        (axes,) = curves[signal].axes
        curve, test, best = axes.lines
        assert list(curve.get_ydata()) == values
        assert test.get_linestyle() == "--"
        assert axes.texts[0].get_text() == {"nll": "0.300", "ce": "0.125"}[signal]
        assert list(best.get_xdata()) == [1]
        assert (axes.get_ylabel(), axes.get_xlabel()) == (label, "epochs")

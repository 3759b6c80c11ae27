"""The assignment's script: short on both backends, whole in the long tier, and as a notebook."""

import re
import runpy
from pathlib import Path

import matplotlib
import numpy as np
import pytest

import experiments

SCRIPT = Path(experiments.__file__).with_name("assignment.py")
QUESTIONS = 4  # of sections 1 and 2; those of section 3 are its headings


@pytest.fixture
def assignment(monkeypatch, tmp_path):
    """Return a function that runs the script in an empty folder, with other settings."""
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    monkeypatch.chdir(tmp_path)

    def run(**settings):
        source = SCRIPT.read_text(encoding="utf-8")
        for name, value in settings.items():
            source, count = re.subn(rf"^{name} = \S+", f"{name} = {value!r}", source, flags=re.M)
            assert count == 1
        path = tmp_path / "assignment.py"
        path.write_text(source, encoding="utf-8")
        return runpy.run_path(str(path))

    yield run
    plt.close("all")


@pytest.mark.parametrize("backend", ["minigrad", "torch"])
def test_it_runs_on_either_backend(assignment, capsys, backend):
    names = assignment(BACKEND=backend, EPOCHS=1, SEEDS=2)
    printed = capsys.readouterr().out
    assert printed.count("-> FINAL PERFORMANCE: nll=") == 2
    assert "minigrad svhn --data svhn --download" in printed  # nothing has been run here
    assert names["torch"].__name__ == backend
    assert [run.history.shape for run in names["fits"].values()] == [(2, 2)] * 4


def test_it_reads_what_the_commands_have_written(assignment, tmp_path, capsys):
    from experiments.cli import main

    command = ["digits", "--backend", "minigrad", "--epochs", "2", "--seeds", "3"]
    assert main([*command, "--out", str(tmp_path / "runs")]) == 0
    history = tmp_path / "runs" / "digits" / "minigrad-cnn-seed2" / "history.csv"
    capsys.readouterr()
    names = assignment(EPOCHS=1, SEEDS=2)
    assert "over 3 seeds, minigrad" in capsys.readouterr().out
    written = np.genfromtxt(history, delimiter=",", names=True)
    read, _, _ = names["runs"]["cnn", 2]
    np.testing.assert_array_equal(read, np.stack([written["val_nll"], written["val_ce"]], axis=1))


def test_its_questions_are_there_and_its_notebook_is_valid():
    pytest.importorskip("jupytext")
    import nbformat

    from experiments.notebooks import build

    notebook = build(SCRIPT)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert re.findall(r"\*\*Question (\d)", text) == [str(n + 1) for n in range(QUESTIONS)]


@pytest.mark.long
def test_the_numbers_are_those_of_the_text(assignment):
    names = assignment()
    fits, shuffled = names["fits"], names["shuffled"]
    assert fits["mlp", 0].ce < fits["cnn", 0].ce  # "one seed can mislead"

    def mean(runs, model):
        return np.mean([run.ce for (name, _), run in runs.items() if name == model])

    assert mean(fits, "cnn") < mean(fits, "mlp") < mean(shuffled, "cnn")
    assert abs(mean(shuffled, "mlp") - mean(fits, "mlp")) < 0.01
    for model in ("mlp", "cnn"):
        assert len(fits[model, 0].history) > 60  # patience ended it, not EPOCHS
    last, lowest = [
        np.mean([f(fits["mlp", s].history[1:, 0]) for s in range(3)])
        for f in (lambda h: h[-1], min)
    ]
    assert last > 1.05 * lowest  # "turns around and rises again"
    by_nll, by_error = names["by"]
    assert by_nll > by_error > 1

"""`minigrad explain`: the newest trained network, one test image, and where it is written."""

import os
import re
import runpy
import shutil

import numpy as np
import pytest

from experiments.cli import main
from experiments.digits import Digits


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which both networks have been trained for an epoch."""
    out = tmp_path_factory.mktemp("here")
    for backend, model in (("minigrad", "mlp"), ("torch", "cnn")):
        argv = ["digits", "--backend", backend, "--model", model, "--epochs", "1"]
        assert main([*argv, "--out", str(out / "runs")]) == 0
    return out


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


def explain(*argv):
    return main(["explain", *argv])


def test_the_page_is_written(here, capsys):
    assert explain() == 0
    out, err = capsys.readouterr()
    assert out == "explain-cnn.html\n"
    assert "CNN in PyTorch, seed 0: test image " in err
    page = (here / "explain-cnn.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "CNN in PyTorch, seed 0" in page


def test_without_a_number_it_is_the_image_with_the_greatest_loss(here, capsys):
    losses = {}
    for sample in (None, 0, 1, 2):
        argv = [] if sample is None else ["--sample", str(sample)]
        assert explain("--text", "--model", "mlp", *argv) == 0
        text = capsys.readouterr().out
        (row,) = [row for row in text.splitlines() if row.startswith("     y = loss ()")]
        losses[sample] = float(row.split()[-1])
    assert losses[None] > max(losses[k] for k in (0, 1, 2))


def test_the_sample_is_the_one_that_was_asked_for(here, capsys):
    assert explain("--text", "--sample", "17") == 0
    out, err = capsys.readouterr()
    _, label = Digits("test")[17]
    assert f"test image 17, a {label}" in err
    assert re.search(rf"target = y \(N=1\) +{label}\n", out)


def test_the_program_runs_and_finds_the_gradients(here, capsys):
    assert explain("--source", "--model", "mlp") == 0
    assert capsys.readouterr().out == "explain-mlp.py\n"
    before = np.geterr()
    try:
        found = runpy.run_path(str(here / "explain-mlp.py"))
    finally:
        np.seterr(**before)
    assert set(found["gradients"]) > {"x", "classnet.0.weight"}
    out = capsys.readouterr().out
    assert out.count("as in minigrad") == len(found["gradients"])
    assert "DIFFERENT" not in out


@pytest.mark.parametrize(("kind", "end"), [("text", "txt"), ("svg", "svg"), ("mermaid", "mmd")])
def test_text_goes_to_the_terminal_or_to_a_file(here, kind, end, capsys):
    assert explain(f"--{kind}", "--model", "mlp") == 0
    printed = capsys.readouterr().out
    path = here / f"some.{end}"
    assert explain(f"--{kind}", "--model", "mlp", "--out", str(path)) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert path.read_text(encoding="utf-8") == printed


def test_the_newest_run_is_taken(folder, tmp_path, monkeypatch, capsys):
    for seed, written in enumerate((1000, 3000, 2000)):
        run = tmp_path / "runs" / "digits" / f"minigrad-mlp-seed{seed}"
        shutil.copytree(folder / "runs" / "digits" / "minigrad-mlp-seed0", run)
        os.utime(run / "result.json", (written, written))
    monkeypatch.chdir(tmp_path)
    assert explain("--text", "--model", "mlp") == 0
    assert "minigrad-mlp-seed1:" in capsys.readouterr().err


def refused(status, expected, *argv):
    def check(capsys):
        assert explain(*argv) == status
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        assert expected in err

    return check


@pytest.mark.parametrize(
    ("status", "expected", "argv"),
    [
        (2, "must end in .py", "--source --out pass.txt"),
        (2, "must end in .html", "--out page.svg"),
        (2, "not allowed with argument", "--text --svg"),
        (2, "from 0 to 446", "--sample 447"),
        (2, "mlp", "--model rnn"),
        (
            2,
            "is of the mlp: leave out --model cnn",
            "--run runs/digits/minigrad-mlp-seed0 --model cnn",
        ),
        (4, "nowhere", "--run nowhere"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_is_refused(status, expected, argv, capsys):
    refused(status, expected, *argv.split())(capsys)


def test_without_a_trained_network_it_says_what_to_type(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    refused(4, "type minigrad digits --backend minigrad --model cnn")(capsys)
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_written(here, capsys):
    assert explain("--out", str(here / "no" / "folder.html")) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "name another folder with --out" in err.splitlines()[-1]

"""The command line: exit statuses, one line of stderr, the assignment's lines on stdout."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from experiments import digits_experiment
from experiments.backend import NAMES
from experiments.cli import main

ROOT = Path(__file__).parents[2]
FLOAT = r"\d+\.\d+(e-\d+)?"


def digits(*options, out):
    return main(["digits", *options, "--out", str(out)])


@pytest.fixture
def no_training(monkeypatch):
    def run(*_):
        raise AssertionError("trained in spite of the error")

    monkeypatch.setattr(digits_experiment, "run", run)


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ("nonsense", "nonsense"),
        ("--nonsense", "--nonsense"),
        ("digits --nonsense", "minigrad digits --help"),
        ("digits --epoch 3", "--epoch"),  # no abbreviations
        ("digits --model rnn", "mlp"),
        ("digits --backend jax", "torch"),
        ("digits --dtype float16", "float32"),
        ("digits --device gpu", "cuda"),
        ("digits --lr nan", "--lr: expected a number above 0"),
        ("digits --lr 0", "--lr"),
        ("digits --lr -1", "--lr"),
        ("digits --lr abc", "--lr"),
        ("digits --lr 1e400", "--lr"),
        ("digits --lr 1e38", "--lr"),  # Adamax divides it by 1 - beta1: not a float32 any more
        ("digits --weight-decay -1e-5", "--weight-decay"),
        ("digits --weight-decay inf", "--weight-decay"),
        ("digits --patience -1", "--patience: expected an integer from 0"),
        ("digits --patience 2.5", "--patience"),
        ("digits --epochs 0", "--epochs: expected an integer from 1"),
        ("digits --batch-size 0", "--batch-size"),
        ("digits --seeds 0", "--seeds"),
        ("digits --seed -1", "--seed"),
        ("digits --seed 4294967296", "--seed"),
        ("digits --seed", "--seed"),
        ("digits --backend minigrad --device cuda", "--backend torch"),
        ("digits --backend torch --out /dev/null/x", "--out"),
        ("digits --backend torch --out /proc/x", "--out"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(argv, expected, capsys):
    assert main(argv.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err


@pytest.mark.usefixtures("no_training")
def test_out_below_a_file(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        assert digits("--backend", "torch", out=out) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.usefixtures("no_training")
def test_a_newline_in_what_was_typed_stays_on_one_line(capsys):
    assert main(["digits", "a\nb"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there(device, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    assert digits("--backend", "torch", "--device", device, out=tmp_path / "runs") == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "--device cpu" in err
    assert not (tmp_path / "runs").exists()


@pytest.mark.usefixtures("no_training")
def test_float64_is_refused_where_the_device_has_none(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: True)
    argv = ["--backend", "torch", "--device", "mps", "--dtype", "float64"]
    assert digits(*argv, out=tmp_path) == 2
    assert "float64" in capsys.readouterr().err


@pytest.mark.parametrize(("module", "package"), [("torch", "torch"), ("sklearn", "scikit-learn")])
def test_a_missing_package(module, package, tmp_path, capsys, monkeypatch):
    def run(*_):
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    monkeypatch.setattr(digits_experiment, "run", run)
    assert digits("--backend", "torch", out=tmp_path) == 2
    assert capsys.readouterr().err == (
        f"minigrad: {module} is not installed; type: pip install {package}\n"
    )


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt, 130), (ZeroDivisionError("by zero"), 70)]
)
def test_interrupts_and_bugs_are_one_line(error, status, tmp_path, capsys, monkeypatch):
    def run(*_):
        raise error

    monkeypatch.setattr(digits_experiment, "run", run)
    assert digits("--backend", "torch", out=tmp_path) == status
    assert capsys.readouterr().err.count("\n") == 1


def test_debug_shows_the_traceback():
    with pytest.raises(Exception, match="--lr"):
        main(["digits", "--lr", "nan", "--debug"])


def test_no_command_prints_help(capsys):
    assert main([]) == 2
    assert "digits" in capsys.readouterr().out


@pytest.mark.parametrize("argv", [["--version"], ["--help"], ["digits", "--help"]])
def test_help_and_version(argv, capsys):
    assert main(argv) == 0
    assert "minigrad" in capsys.readouterr().out


@pytest.mark.parametrize("backend", NAMES)
def test_a_nan_in_training_is_status_3(backend, tmp_path, capsys):
    argv = ["--backend", backend, "--model", "mlp", "--lr", "1e30"]
    assert digits(*argv, out=tmp_path) == 3
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert re.search(r"epoch 1, step 2, with learning rate 1e\+30", err)
    assert "first layer with a value that is not finite is classnet.2 (Linear): its output" in err
    folder = tmp_path / "digits" / f"{backend}-mlp-seed0"
    kept = [".lock", "config.json", "history.csv", "last.ckpt", "seconds.csv"]
    assert sorted(p.name for p in folder.iterdir()) == kept


@pytest.mark.parametrize("backend", NAMES)
def test_two_epochs_end_to_end(backend, tmp_path, capsys):
    argv = ["--backend", backend, "--model", "mlp", "--epochs", "2", "--seed", "5"]
    assert digits(*argv, out=tmp_path) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[1] == f"-> START classifier_mlp ({backend}, seed 5, float32)"
    assert re.fullmatch(rf"Epoch: 0, val nll={FLOAT}, val ce={FLOAT}", lines[2])
    final = re.fullmatch(rf"-> FINAL PERFORMANCE: nll=({FLOAT}), ce=({FLOAT})", lines[3])
    assert final
    assert err.splitlines() == [f"report: {tmp_path / 'digits' / 'report' / 'report.md'}"]

    folder = tmp_path / "digits" / f"{backend}-mlp-seed5"
    name = "classifier_mlp"
    curves = [f"{name}_{s}_val_curve.{e}" for s in ("nll", "ce") for e in ("pdf", "png")]
    assert {p.name for p in folder.iterdir()} == {
        ".lock",
        "config.json",
        "history.csv",
        "seconds.csv",
        "last.ckpt",
        "prev.ckpt",
        "result.json",
        "best.safetensors",
        "predictions.npy",
        f"{name}_test_loss.txt",
        *curves,
    }
    assert (folder / f"{name}_test_loss.txt").read_text() == f"NLL: {final[1]}\nCE: {final[3]}\n"
    assert all((folder / curve).stat().st_size > 1000 for curve in curves)

    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["epoch", "train_nll", "val_nll", "val_ce"]
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert rows[0]["train_nll"] == ""
    assert f"val nll={rows[0]['val_nll']}, val ce={rows[0]['val_ce']}" in lines[2]

    config = json.loads((folder / "config.json").read_text())
    options = {"backend": backend, "model": "mlp", "seed": 5, "dtype": "float32", "device": "cpu"}
    options |= {"epochs": 2, "patience": 20, "lr": 1e-3, "weight_decay": 1e-5, "batch_size": 64}
    assert options.items() <= config.items()
    assert {"python", "numpy", "torch", "minigrad-teaching"} <= config["versions"].keys()
    assert all(isinstance(n, int) for n in config["thread_pools"].values())

    result = json.loads((folder / "result.json").read_text())
    assert (str(result["test_nll"]), str(result["test_ce"])) == (final[1], final[3])
    assert (result["epochs"], result["best_epoch"]) == (2, 2)
    assert np.load(folder / "predictions.npy").shape == (447, 10)
    weights = load_file(folder / "best.safetensors")
    digest = hashlib.sha256((folder / "best.safetensors").read_bytes()).hexdigest()
    assert result["sha256"] == {"best.safetensors": digest}
    assert weights["classnet.0.weight"].shape == (128, 64)
    assert len(weights) == 10


def test_the_same_seed_is_the_same_run_and_nothing_is_overwritten(tmp_path):
    argv = ["--backend", "torch", "--model", "mlp", "--epochs", "1"]
    assert digits(*argv, out=tmp_path) == 0
    first = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert digits(*argv, out=tmp_path) == 0
    assert all(path.read_bytes() == content for path, content in first.items())
    assert {p.name for p in (tmp_path / "digits").iterdir()} == {
        *("torch-mlp-seed0", "torch-mlp-seed0.2"),
        *("report", "report.2"),
    }
    same = "best.safetensors", "classifier_mlp_test_loss.txt", "classifier_mlp_nll_val_curve.pdf"
    for name in same:
        again = tmp_path / "digits" / "torch-mlp-seed0.2" / name
        assert again.read_bytes() == first[tmp_path / "digits" / "torch-mlp-seed0" / name]


def test_both_backends_are_compared_over_the_seeds(tmp_path, capsys):
    argv = ["--model", "mlp", "--epochs", "1", "--seeds", "2", "--dtype", "float64"]
    assert digits(*argv, out=tmp_path) == 0
    out = capsys.readouterr().out
    assert out.count("-> COMPARE mlp") == 2
    assert "447 of 447 equal" in out
    largest = [float(x) for x in re.findall(r"largest relative difference (\S+) in", out)]
    assert len(largest) == 2
    assert max(largest) <= 1e-10
    summary = json.loads((tmp_path / "digits" / "report" / "summary.json").read_text())
    assert [s["error"]["of"] for s in summary["spreads"]] == [3, 3]
    report = (tmp_path / "digits" / "report" / "report.md").read_text()
    assert "Over the seeds" in report
    for figure in re.findall(r"\]\((\S+)\)", report):
        assert (tmp_path / "digits" / "report" / figure).exists()


def subprocess_run(*argv, **kwargs):
    return subprocess.run(
        [sys.executable, "-m", "experiments", *argv],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        **kwargs,
    )


def test_bad_usage_as_a_process():
    done = subprocess_run("digits", "--lr", "nan", stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_closed_pipe_is_no_traceback(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    argv = ["digits", "--backend", "torch", "--epochs", "1", "--out", str(tmp_path)]
    done = subprocess_run(*argv, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_minigrad_alone_does_without_torch(tmp_path):
    code = (
        "import sys\n"
        "from experiments.cli import main\n"
        "status = main(sys.argv[1:])\n"
        "sys.exit('torch was imported' if 'torch' in sys.modules else status)\n"
    )
    argv = ["digits", "--backend", "minigrad", "--model", "mlp", "--epochs", "1"]
    done = subprocess.run(
        [sys.executable, "-c", code, *argv, "--out", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr

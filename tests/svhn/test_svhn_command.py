"""`minigrad svhn` and `minigrad test` on small files of random images."""

import csv
import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from experiments import checkpoint_file, svhn_experiment
from experiments.cli import main

from ..svhn_files import write_mat

ROOT = Path(__file__).parents[2]
SIZES = {"train": 70, "extra": 30, "test": 131}  # batches of 64, 64 and 3
SUBSET = "on a subset of SVHN"
RULE = "breaks the assignment's rule: extra examples used"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder of the three files."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for split, n in SIZES.items():
        images = rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8)
        write_mat(folder / f"{split}_32x32.mat", images, np.arange(n) % 10)
    return folder


@pytest.fixture
def no_report(monkeypatch):
    """Reports have their own tests, and take longer than such a training."""
    monkeypatch.setattr(svhn_experiment, "report", lambda *_: None)


def svhn(data, out, *options, model="published"):
    argv = ["--subset", "--threads", "1", "--epochs", "1", "--model", model, *options]
    return main(["svhn", "--data", str(data), "--out", str(out), *argv])


def run_folder(out, name="subset-torch-published-seed0"):
    return out / "svhn" / name


def read(folder, name):
    return json.loads((folder / name).read_text())


def final(text):
    return [line for line in text.splitlines() if line.startswith(("-> FINAL", "   "))]


def test_both_models_end_to_end_and_tested_again(data, tmp_path, capsys):
    assert svhn(data, tmp_path, model="both") == 0
    out, err = capsys.readouterr()
    assert re.search(r"improved / published: .* = \d\.\d\d \(each seed: ", out)
    assert out.count(SUBSET) == 5  # where a run starts, where it ends, and below the table
    for model in ("published", "improved"):
        folder = run_folder(tmp_path, f"subset-torch-{model}-seed0")
        name = f"classifier_svhn_{model}"
        curves = [f"{name}_{s}_val_curve.{e}" for s in ("nll", "ce") for e in ("pdf", "png")]
        expected = {"config.json", "history.csv", "result.json", "best.safetensors"}
        expected |= {"predictions.npy", "report.md", "report.html", f"{name}_test_loss.txt"}
        assert {p.name for p in folder.iterdir()} >= expected | set(curves)
        assert str(folder / "report.html") in err

        result, config = read(folder, "result.json"), read(folder, "config.json")
        assert SUBSET in result["remarks"][0]
        assert config["subset"] is True
        assert [f["images"] for f in config["data_files"]] == [70, 131]
        loss = (folder / f"{name}_test_loss.txt").read_text()
        assert loss.startswith(f"NLL: {result['test_nll']}\nCE: {result['test_ce']}\n")
        assert SUBSET in loss
        assert "subset" in (folder / "report.md").read_text()

        log_probabilities = np.load(folder / "predictions.npy")
        labels = np.arange(131) % 10
        assert log_probabilities.shape == (131, 10)
        wrong = (log_probabilities.argmax(1) != labels).mean()
        nll = -log_probabilities[np.arange(131), labels].mean()
        assert (result["test_ce"], result["test_nll"]) == (wrong, pytest.approx(nll, rel=1e-6))

        ran = out.partition(f"-> START {name} ")[2].partition("\n\n")[0]
        assert main(["test", str(folder)]) == 0
        again, remark = capsys.readouterr()
        assert final(again) == final(ran)
        assert len(final(again)) == 2
        assert "the same as in" in remark


@pytest.mark.usefixtures("no_report")
def test_the_data_may_have_been_moved(data, tmp_path, capsys):
    moved = shutil.copytree(data, tmp_path / "first")
    assert svhn(moved, tmp_path) == 0
    ran = final(capsys.readouterr().out)
    moved.rename(tmp_path / "second")
    folder = run_folder(tmp_path)
    assert main(["test", str(folder)]) == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["test", str(folder), "--data", str(tmp_path / "second")]) == 0
    assert final(capsys.readouterr().out) == ran


@pytest.mark.fault(63)
@pytest.mark.usefixtures("no_report")
def test_the_same_seed_is_the_same_run(data, tmp_path, monkeypatch):
    names = ("best.safetensors", "predictions.npy", "classifier_svhn_improved_test_loss.txt")
    for out in ("a", "b"):
        np.random.seed(len(out))
        torch.manual_seed(ord(out))
        assert svhn(data, tmp_path / out, "--seed", "4", "--batch-size", "9", model="improved") == 0
    a, b = (run_folder(tmp_path / out, "subset-torch-improved-seed4") for out in ("a", "b"))
    for name in names:
        assert (a / name).read_bytes() == (b / name).read_bytes()


@pytest.mark.usefixtures("no_report")
def test_patience_2_stops_after_three_epochs_without_a_better_one(data, tmp_path, capsys):
    argv = ["--epochs", "100", "--lr", "1e-30", "--weight-decay", "0"]  # no epoch changes anything
    assert svhn(data, tmp_path, *argv) == 0
    with (run_folder(tmp_path) / "history.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1", "2", "3", "4"]
    assert read(run_folder(tmp_path), "result.json")["best_epoch"] == 1
    printed = re.findall(r"^Epoch: (\d+), val nll=", capsys.readouterr().out, re.M)
    assert printed == ["0", "2", "4"]


@pytest.mark.usefixtures("no_report")
def test_the_published_protocol_says_whose_rule_it_breaks(data, tmp_path, capsys):
    assert svhn(data, tmp_path, "--protocol", "published") == 0
    out = capsys.readouterr().out
    folder = run_folder(tmp_path, "subset-torch-published-with-extra-seed0")
    start, *_, end = [line for line in out.splitlines() if RULE in line]
    assert start.startswith("-> START")
    assert end == f"The others: {RULE}."
    assert RULE in read(folder, "result.json")["remarks"]
    assert RULE in (folder / "classifier_svhn_published_test_loss.txt").read_text()
    assert len(read(folder, "config.json")["data_files"]) == 3


@pytest.mark.fault(20)
@pytest.mark.usefixtures("no_report")
def test_the_assignments_protocol_leaves_extra_alone(data, tmp_path):
    folder = shutil.copytree(data, tmp_path / "data")
    (folder / "extra_32x32.mat").write_text("no such data")
    assert svhn(folder, tmp_path) == 0
    assert read(run_folder(tmp_path), "config.json")["extra"] == "not used"


@pytest.mark.fault(19)
@pytest.mark.usefixtures("no_report")
def test_a_file_changed_during_the_run_is_told(data, tmp_path, monkeypatch, capsys):
    folder = shutil.copytree(data, tmp_path / "data")
    run = svhn_experiment.run

    def run_and_change(*args, **kwargs):
        result = run(*args, **kwargs)
        (folder / "test_32x32.mat").write_bytes((folder / "train_32x32.mat").read_bytes())
        return result

    monkeypatch.setattr(svhn_experiment, "run", run_and_change)
    assert svhn(folder, tmp_path) == 0
    err = capsys.readouterr().err
    md5 = read(run_folder(tmp_path), "config.json")["data_files"][1]["md5"]
    assert err.count("was changed during the run") == 1
    assert md5 in err


@pytest.mark.usefixtures("no_report")
def test_amp(data, tmp_path, capsys):
    for name in ("plain", "amp"):
        assert svhn(data, tmp_path / name, *["--amp"] * (name == "amp"), model="improved") == 0
    folders = [
        run_folder(tmp_path / n, "subset-torch-improved-seed0") / "best.safetensors"
        for n in ("plain", "amp")
    ]
    plain, amp = map(load_file, folders)
    first = "classnet.1.weight"
    assert amp[first].dtype == np.float32
    assert not np.array_equal(plain[first], amp[first])
    np.testing.assert_allclose(plain[first], amp[first], atol=0.1)


@pytest.mark.long
@pytest.mark.filterwarnings("default")  # the compiler has its own
@pytest.mark.usefixtures("no_report")
def test_compile(data, tmp_path, capsys):
    for name in ("plain", "compiled"):
        assert svhn(data, tmp_path / name, *["--compile"] * (name == "compiled")) == 0
    plain, compiled = (run_folder(tmp_path / n) for n in ("plain", "compiled"))
    weights = [load_file(folder / "best.safetensors") for folder in (plain, compiled)]
    assert list(weights[0]) == list(weights[1])
    for name, tensor in weights[0].items():
        np.testing.assert_allclose(tensor, weights[1][name], atol=1e-3)
    capsys.readouterr()
    assert main(["test", str(compiled)]) == 0
    assert "the same as in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "status", "expected"),
    [
        ("", 2, "--data"),
        ("--data {data} --val-fraction 0", 2, "--val-fraction"),
        ("--data {data} --val-fraction 0.05", 2, "at least 0.1"),
        ("--data {data} --val-fraction 1", 2, "--val-fraction"),
        ("--data {data} --val-fraction 0.2 --protocol published", 2, "--val-fraction"),
        ("--data {data} --model published --without relu", 2, "--model improved"),
        ("--data {data} --without loss", 2, "batch-norm"),
        ("--data {data} --mirror http://localhost", 2, "--download"),
        ("--data {data} --ablation --model published", 2, "--ablation"),
        ("--data {data} --ablation --without relu", 2, "--ablation"),
        ("--data {data} --patience -1", 2, "--patience"),
        ("--data {data} --lr nan", 2, "--lr"),
        ("--data {data} --threads 0", 2, "--threads"),
        ("--data {data} --subset --out /dev/null/x", 2, "--out"),
        ("--data {data}", 4, "--subset"),
        ("--data nowhere --subset", 4, "nowhere"),
    ],
)
def test_refusals_are_one_line(argv, status, expected, data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(svhn_experiment, "run", None)
    monkeypatch.chdir(tmp_path)
    assert main(["svhn", *argv.format(data=data).split()]) == status
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert expected in err


def test_ctrl_c_keeps_what_there_is(data, tmp_path):
    """As a process; the signal is sent when the line of epoch 2 is read."""
    argv = ["--data", data, "--subset", "--model", "published", "--threads", "1"]
    argv += ["--epochs", "100000", "--patience", "100000", "--batch-size", "1", "--out", tmp_path]
    process = subprocess.Popen(
        [sys.executable, "-m", "experiments", "svhn", *map(str, argv)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("Epoch: 2,"):
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "-> FINAL" not in out
    folder = run_folder(tmp_path)
    waiting, kept, go_on, end = err.splitlines()
    assert "once more ends at once" in waiting
    assert re.match(r"interrupted in epoch \d+, after \d+ of its steps; kept in ", kept)
    assert str(folder) in kept
    assert "best.safetensors" in kept
    assert go_on == f"to go on: minigrad resume {folder}"
    assert end == "minigrad: interrupted"
    name = "classifier_svhn_published"
    curves = {f"{name}_{s}_val_curve.{e}" for s in ("nll", "ce") for e in ("pdf", "png")}
    there = {"config.json", "history.csv", "seconds.csv", "best.safetensors"} | curves
    there |= {".lock", "last.ckpt", "prev.ckpt"}
    assert {p.name for p in folder.iterdir()} == there
    with (folder / "history.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)][:3] == ["0", "1", "2"]
    assert all(np.isfinite(w).all() for w in load_file(folder / "best.safetensors").values())


def as_if_on_a_gpu(folder):
    """Change a run's files into those of a run on a GPU; nothing in them lies there."""
    for name in ("last.ckpt", "prev.ckpt"):
        content = checkpoint_file.read(folder / name)
        content["settings"]["device"] = "cuda"
        checkpoint_file.write(folder / name, content)
    (folder / "config.json").write_text(
        json.dumps(read(folder, "config.json") | {"device": "cuda"})
    )


def test_a_run_goes_on_and_is_reported_on_another_device(data, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(svhn_experiment, "report", lambda *_: None)
        assert svhn(data, tmp_path) == 0
    folder = run_folder(tmp_path)
    as_if_on_a_gpu(folder)
    (folder / "result.json").unlink()
    assert main(["resume", str(folder), "--device", "cpu"]) == 0
    assert (folder / "result.json").exists()
    assert (folder / "report.md").exists()


def test_a_report_that_was_not_written_any_more_is_made_up_for(
    data, tmp_path, no_report, monkeypatch
):
    assert svhn(data, tmp_path) == 0
    folder, reported = run_folder(tmp_path), []
    before = (folder / "result.json").read_bytes()
    monkeypatch.setattr(svhn_experiment, "report", lambda path, *_: reported.append(path))
    assert main(["resume", str(folder)]) == 0
    assert reported == [folder]
    (folder / "report.md").touch()
    assert main(["resume", str(folder)]) == 0
    assert reported == [folder]
    assert (folder / "result.json").read_bytes() == before

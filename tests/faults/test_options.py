"""Faults 27 to 30, 32 and 33: options that cannot be meant, refused before anything is trained."""

import errno
import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import digits_experiment, svhn_experiment
from experiments.cli import main

from ..svhn_files import digits, write_mat

ROOT = Path(__file__).parents[2]
COMMANDS = ("digits", "svhn")


@pytest.fixture
def typed(folder):
    """Return what is typed for a command, in a folder where nothing has been run yet."""

    def words(command, *options):
        data = ["--data", str(folder), "--subset"] * (command == "svhn")
        return [command, *data, *map(str, options)]

    return words


@pytest.fixture
def refused(typed, tmp_path, capsys, monkeypatch):
    """Run a command: one line on stderr, a status, nothing trained, nothing made."""
    for module in (digits_experiment, svhn_experiment):
        monkeypatch.setattr(module, "run", None)

    def check(command, *options, says, status=2):
        before = sorted(tmp_path.rglob("*"))
        assert main(typed(command, *options)) == status
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        for text in (says,) if isinstance(says, str) else says:
            assert text in err
        made = set(tmp_path.rglob("*")).difference(before)
        assert not [path for path in made if path.is_file() and "converted" not in path.parts]

    return check


@pytest.mark.fault(27)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("lr", ["0", "-1", "nan", "1e400", "inf", "abc", ""])
def test_27_a_learning_rate_that_is_none(lr, command, refused):
    says = "--lr: expected a number above 0", repr(lr), f"minigrad {command} --help"
    refused(command, "--lr", lr, says=says)


@pytest.mark.fault(28)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("size", ["0", "-1", "2.5", "10000000000"])
def test_28_a_batch_size_that_is_none(size, command, refused):
    refused(command, "--batch-size", size, says=("--batch-size: expected an integer", repr(size)))


@pytest.mark.fault(28)
@pytest.mark.parametrize(
    ("command", "options", "run", "images"),
    [
        ("digits", ("--backend", "minigrad"), "minigrad-mlp-seed0", 1000),
        ("svhn", (), "subset-torch-published-seed0", 10),  # 2 of 12 validate
        ("svhn", ("--protocol", "published"), "subset-torch-published-with-extra-seed0", 22),
    ],
    ids=["digits", "svhn", "svhn with extra"],
)
def test_28_a_batch_of_more_images_than_there_are(
    command, options, run, images, typed, folder, capsys, monkeypatch
):
    """It is a batch of all of them: it is said once, and the run's settings say how many."""
    monkeypatch.setattr(svhn_experiment, "report", lambda *_: None)
    write_mat(folder / "extra_32x32.mat", *digits(13, seed=3))
    model = {"digits": "mlp", "svhn": "published"}[command]
    options = [*options, "--model", model, "--epochs", 1, "--batch-size", 10**9]
    assert main(typed(command, *options)) == 0
    err = capsys.readouterr().err
    said = f"--batch-size 1,000,000,000: there are {images:,} images to train on, one batch of all"
    assert err.count(said) == 1
    config = json.loads(Path("runs", command, run, "config.json").read_text())
    assert config["batch_size"] == images
    assert f"--batch-size {images}" in config["command"]


@pytest.mark.fault(29)
@pytest.mark.parametrize("fraction", ["0", "0.05", "0.0999", "1", "1.2", "-0.1", "nan", "abc"])
def test_29_a_share_for_validation_that_is_none(fraction, refused):
    refused("svhn", "--val-fraction", fraction, says=("--val-fraction", fraction))


@pytest.mark.fault(29)
def test_29_the_assignments_least_share_is_named(refused):
    refused("svhn", "--val-fraction", "0.05", says="at least 0.1")


@pytest.mark.fault(30)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--patience -1", "--patience nan", "--epochs 0", "--epochs -1"])
def test_30_epochs_and_patience_that_are_none(option, command, refused):
    """Without an epoch there is nothing to be tested: `minigrad test` is for what was trained."""
    name, value = option.split()
    least = {"--patience": 0, "--epochs": 1}[name]
    refused(command, name, value, says=f"{name}: expected an integer from {least} to")


@pytest.mark.fault(32)
@pytest.mark.parametrize("command", COMMANDS)
def test_32_cuda_where_there_is_none(command, refused, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    refused(command, "--device", "cuda", says=("--device cuda is not there", "--device cpu"))


@pytest.mark.fault(32)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("device", ["cuda:7", "gpu", "CUDA", "meta", ""])
def test_32_a_device_that_is_none(device, command, refused):
    refused(command, "--device", device, says=("--device", repr(device), "'cuda'"))


@pytest.mark.fault(33)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("out", ["file", "file/below", "/dev/null/below", "/proc/below", "loop"])
def test_33_a_place_where_nothing_can_be_written(out, command, refused, tmp_path):
    """Root may write in any folder; not even root below a file, or in /proc."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")
    refused(command, "--out", out, says=(f"--out: nothing can be written in {out}", "--out runs"))
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.fault(33)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT])
def test_33_a_folder_that_takes_no_file(error, command, refused, monkeypatch):
    """Without rights, read-only, on a full disk, above a quota."""
    real = Path.write_bytes

    def write_bytes(path, content):
        if "runs" in path.parts:
            raise OSError(error, "it takes nothing")
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    refused(command, says=("--out: nothing can be written in runs", "it takes nothing"))


@pytest.mark.fault(33)
def test_33_a_disk_that_takes_not_one_byte(tmp_path):
    """A real one, as far as the process can tell."""
    done = subprocess.run(
        [sys.executable, "-m", "experiments", "digits", "--backend", "minigrad", "--out", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"--out: nothing can be written in {tmp_path}" in done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

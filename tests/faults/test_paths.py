"""Fault 34: names of folders that shells, PDF files and Markdown take for something else."""

import os
import shlex
import shutil
import subprocess

import pytest

from experiments.cli import main
from experiments.shell import quoted

from ..svhn_files import digits, write_mat

NAMES = {
    "space": "my runs",
    "umlaut": "ü",
    "newline": "two\nlines",
    "dollar": "$x_{1$ ${HOME}",
    "markup": '<b>"quo\'ted" & `more`',
    "backslash": "a\\n%s",
    "as long as can be": "x" * 255,
}


@pytest.fixture
def odd(tmp_path):
    """A folder with all of the odd names in its path."""
    odd = tmp_path.joinpath(*NAMES.values())
    odd.mkdir(parents=True)
    return odd


def check_run(run, network):
    """See that all files of a run are there, and the curves are PDF files."""
    for name in (f"{network}_test_loss.txt", "config.json", "result.json", "best.safetensors"):
        assert (run / name).stat().st_size
    for signal in ("nll", "ce"):
        curve = (run / f"{network}_{signal}_val_curve.pdf").read_bytes()
        assert curve.startswith(b"%PDF-")
        assert curve.rstrip().endswith(b"%%EOF")


@pytest.mark.fault(34)
def test_34_digits(odd, capsys):
    argv = ["digits", "--backend", "minigrad", "--model", "mlp", "--epochs", "1", "--out", str(odd)]
    assert main(argv) == 0
    assert "-> FINAL PERFORMANCE" in capsys.readouterr().out
    run = odd / "digits" / "minigrad-mlp-seed0"
    check_run(run, "classifier_mlp")
    assert main(["resume", str(run)]) == 0
    assert "is already finished" in capsys.readouterr().out
    report = (odd / "digits" / "report" / "report.md").read_text(encoding="utf-8")
    made_by = report.partition("Made by ")[2].partition("\n")[0]
    assert f"--out {quoted(str(odd))}" in made_by


@pytest.mark.fault(34)
def test_34_svhn(odd, capsys):
    """Of data in an odd place into an odd place, with the whole report; then tested again."""
    for seed, (split, n) in enumerate({"train": 24, "test": 12}.items()):
        write_mat(odd / f"{split}_32x32.mat", *digits(n, seed))
    argv = ["svhn", "--data", str(odd), "--subset", "--threads", "1", "--epochs", "1"]
    assert main([*argv, "--model", "published", "--out", str(odd)]) == 0
    out = capsys.readouterr().out
    run = odd / "svhn" / "subset-torch-published-seed0"
    check_run(run, "classifier_svhn_published")
    assert main(["test", str(run)]) == 0
    assert capsys.readouterr().out.splitlines()[0] in out
    for page in ("report.md", "report.html"):
        assert "--subset --protocol assignment" in (run / page).read_text(encoding="utf-8")


@pytest.mark.fault(34)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_34_what_is_to_be_typed_next(name, tmp_path, capsys):
    """It is one line."""
    odd = tmp_path / name
    odd.mkdir()
    write_mat(odd / "train_32x32.mat", *digits(12))
    assert main(["data", "check", str(odd)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"next: minigrad data convert {quoted(str(odd))} --subset"


@pytest.mark.fault(34)
@pytest.mark.parametrize("name", [*NAMES.values(), "", "\t\x07\x7f'\\", "\udcc3\udcbc"])
@pytest.mark.skipif(not shutil.which("bash"), reason="it is Bash's quoting")
def test_34_a_shell_takes_what_is_quoted_for_what_it_was(name):
    word = quoted(name)
    assert word.isprintable()
    if name.isprintable():
        assert shlex.split(word) == [name]
    done = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True)
    assert done.stdout == os.fsencode(name)

"""The assignment's notebook runs on minigrad with its imports changed, and prints the same."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parent / "notebook" / "digits_notebook.py"
MINIGRAD = """\
import minigrad as torch
import minigrad.nn as nn
import minigrad.nn.functional as F
from minigrad.utils.data import Dataset, DataLoader
"""
# At the end a look at what was loaded: minigrad's run must not lean on PyTorch.
LOADED = "\nimport sys\nprint('torch loaded:', 'torch' in sys.modules)\n"
NUMBER = re.compile(r"-?\d+\.\d*(?:e[+-]?\d+)?")


def printed_by(framework, folder, **settings):
    """Run the notebook in a process and a folder of its own; return what it prints."""
    source = NOTEBOOK.read_text(encoding="utf-8")
    if framework == "minigrad":
        source = re.sub(r"(# <imports>\n).*(# </imports>)", rf"\1{MINIGRAD}\2", source, flags=re.S)
    for name, value in settings.items():
        source, count = re.subn(rf"^{name} = .*$", f"{name} = {value!r}", source, flags=re.M)
        assert count == 1
    folder = folder / framework
    folder.mkdir()
    (folder / "notebook.py").write_text(source + LOADED, encoding="utf-8")
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "notebook.py"],
        cwd=folder,
        env=os.environ | one_thread,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text, _, loaded = done.stdout.rpartition("torch loaded: ")
    assert loaded.strip() == str(framework == "torch")
    return text


def compare(tmp_path, rtol, **settings):
    ours, theirs = (printed_by(name, tmp_path, **settings) for name in ("minigrad", "torch"))
    assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
    numbers = [[float(n) for n in NUMBER.findall(text)] for text in (ours, theirs)]
    assert numbers[0] == pytest.approx(numbers[1], rel=rtol, abs=0)
    return theirs


def test_the_first_epochs_print_the_same_lines(tmp_path):
    text = compare(tmp_path, 1e-10, NUM_EPOCHS=3)
    assert len(re.findall("^Epoch: .*$", text, flags=re.M)) == 6
    assert text.count("-> FINAL PERFORMANCE") == 2


def test_float32_starts_the_same(tmp_path):
    """In float32 rounding differs from the first step on, and training lets it grow."""
    compare(tmp_path, 1e-4, NUM_EPOCHS=1, DTYPE="float32", NAMES=["classifier_mlp"])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", ["classifier_mlp", "classifier_cnn"])
def test_to_early_stopping(tmp_path, name, seed):
    text = compare(tmp_path, 1e-10, NUM_EPOCHS=1000, NAMES=[name], SEED=seed)
    assert text.count("Epoch: ") > 30

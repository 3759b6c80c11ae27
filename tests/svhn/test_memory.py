"""Training on all of SVHN takes no more memory than on a small part of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(),
    reason="the peak of a process is read from Linux's /proc",
)

ROOT = Path(__file__).parents[2]
LIMIT = 600  # MB, of which importing PyTorch takes half


def peaks(folder, how):
    """Run `whole_size.py`, and return what it prints."""
    command = [sys.executable, "-m", "tests.svhn.whole_size", folder, how]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.fault(67)
def test_the_first_batches_of_train_and_extra(tmp_path):
    found = peaks(tmp_path, "start")
    assert (tmp_path / "extra.npy").stat().st_size > 1.6e9
    assert found["imports"] <= found["beginning"] <= found["batches"] < LIMIT


@pytest.mark.fault(67)
@pytest.mark.long
def test_a_walk_over_all_images_takes_no_more(tmp_path):
    found = peaks(tmp_path, "walk")
    assert found["seen"] == 604_388
    assert found["walk"] < min(LIMIT, found["batches"] + 40)  # of 1,860 MB

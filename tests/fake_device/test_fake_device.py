"""The loops as on a GPU, in a process of their own: in this one no test would know its device."""

import subprocess
import sys
from pathlib import Path

import pytest
from torch.utils import backend_registration

from .fake_gpu import SETUP

FILES = ("on_the_device.py", "svhn_on_the_device.py", "planted_mixes.py")


@pytest.mark.fault(66)
@pytest.mark.skipif(
    not hasattr(backend_registration, SETUP),
    reason=f"this PyTorch has no {SETUP}: NOTHING WAS TESTED ABOUT DEVICES",
)
def test_the_loops_on_a_fake_gpu():
    options = ["-v", "--no-header", "-p", "no:randomly", "-p", "no:cacheprovider", "-n", "0"]
    tests = [Path(__file__).with_name(name) for name in FILES]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

"""The command: python -m tests.faults.legacy. Keeps a run of today's format, when it is new.

Each backend's run is stopped in epoch 2, after one step. What there is already is left alone.
"""

import shutil
import signal
import tempfile
from pathlib import Path
from unittest import mock

from experiments.backend import NAMES
from experiments.checkpoint import Checkpoints
from experiments.checkpoint_file import VERSION
from experiments.interruption import Interrupted
from tests.faults.small_runs import start

HERE = Path(__file__).parent


def stop(checkpoints, state):
    """Be called after each step, and end the run as Ctrl-C does."""
    if (state.epoch, state.step) == (2, 1):
        signal.raise_signal(signal.SIGINT)


def main():
    """Write the files."""
    kept = HERE / f"format-{VERSION}"
    kept.mkdir()
    for backend in NAMES:
        with (
            tempfile.TemporaryDirectory() as parent,
            mock.patch.object(Checkpoints, "__call__", stop),
        ):
            try:
                start(backend, Path(parent))
            except Interrupted:
                (kept / backend).mkdir()
                for name in ("config.json", "last.ckpt"):
                    shutil.copy(Path(parent) / f"{backend}-mlp-seed3" / name, kept / backend)


main()

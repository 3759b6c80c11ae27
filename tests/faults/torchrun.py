"""Commands in several processes, as torchrun starts them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

LOST = 60  # seconds in which the rest of a group has to end
WHOLE = 600  # for a command that does all its work


def torchrun(*argv, number=2):
    """Start a command of minigrad in so many processes."""
    launcher = ["torch.distributed.run", "--standalone", "--nproc-per-node", number]
    words = [sys.executable, "-m", *launcher, "-m", "experiments", *argv]
    return subprocess.Popen(
        [str(word) for word in words],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def process_of(launched, rank):
    """Return the process id of a rank."""
    children = Path(f"/proc/{launched.pid}/task/{launched.pid}/children").read_text().split()
    for child in children:
        if f"RANK={rank}".encode() in Path(f"/proc/{child}/environ").read_bytes().split(b"\0"):
            return int(child)
    raise LookupError(f"there is no process {rank}")


def wait_for(path, launched):
    """Wait until a file is there, or the command has ended without it."""
    while not path.exists():
        if launched.poll() is not None:
            raise AssertionError(f"it ended: {launched.communicate()[1]}")
        time.sleep(0.05)  # for lack of an event


def ended(launched, seconds=WHOLE):
    """Wait for a command that has to end; return its status, stdout and stderr."""
    try:
        out, err = launched.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        launched.send_signal(signal.SIGTERM)  # torchrun ends its processes
        launched.communicate()
        raise
    return launched.returncode, out, err

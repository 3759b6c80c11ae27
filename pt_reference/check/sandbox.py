"""The checker's side of the process in which a student's file runs: it starts it, asks, ends it."""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pt_reference.check import frames

Arrays = dict[str, np.ndarray]

_ROOT = str(Path(__file__).resolve().parents[2])
_START = (
    "import sys; sys.path.insert(0, {root!r}); from pt_reference.check import limits; "
    "limits.apply({memory}, {seconds}); from pt_reference.check.worker import main; main()"
)


@dataclass(frozen=True)
class Limits:
    """What a file may use."""

    seconds: float = 10.0  # for one check
    layer_seconds: float = 60.0  # for all checks of a layer
    load_seconds: float = 60.0  # for importing it, with PyTorch perhaps
    memory: int = 4 << 30
    processor_seconds: int = 300


class Ended(Exception):  # noqa: N818  it is what it says
    """The process has ended, or was ended: ``cause`` says why, ``text`` in words."""

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(text)
        self.cause, self.text = cause, text


class Sandbox:
    """A process with a student's file in it. Use it in a with statement."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self.path = Path(path).resolve()
        self.limits = limits or Limits()
        self.alive = True
        self.printed_lines = 0
        self.tried: list[str] = []  # what the file tried to do and was refused
        self.torch_calls: set[str] = set()  # what it called in PyTorch
        self.folder = tempfile.mkdtemp(prefix="minigrad-check-")
        code = _START.format(
            root=_ROOT, memory=self.limits.memory, seconds=self.limits.processor_seconds
        )
        self.process = subprocess.Popen(
            [sys.executable, "-s", "-B", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=_environment(self.folder),
            start_new_session=True,
            bufsize=0,
        )

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self) -> dict[str, Any]:
        """Import the file; return what it defines."""
        header, _ = self.ask({"do": "load", "path": str(self.path)}, {}, self.limits.load_seconds)
        return header

    def ask(
        self, header: dict[str, Any], arrays: Arrays, seconds: float | None = None
    ) -> tuple[dict[str, Any], Arrays]:
        """Send a request and wait for its answer. Ended if there is none."""
        deadline = time.monotonic() + (self.limits.seconds if seconds is None else seconds)
        try:
            frames.write(self.process.stdin, header, arrays)
        except BrokenPipeError:
            raise self._ended() from None
        try:
            total, head = frames.parse_lengths(self._read(frames.LENGTHS_SIZE, deadline))
            answer, found = frames.parse(self._read(total, deadline), head)
        except frames.BadFrame as error:
            self.close()
            raise Ended("crashed", f"the file broke the checker's connection: {error}") from error
        self.printed_lines = answer["printed"]
        self.tried = answer["tried"]
        self.torch_calls.update(answer["torch_calls"])
        return answer, found

    def close(self) -> None:
        """End the process and all that it started, and remove its folder."""
        self.alive = False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, size: int, deadline: float) -> bytes:
        data = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while len(data) < size:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self.close()
                    raise Ended("timed_out", "it did not end in time")
                part = os.read(self.process.stdout.fileno(), min(size - len(data), 1 << 20))
                if not part:
                    raise self._ended()
                data += part
        return bytes(data)

    def _ended(self) -> Ended:
        try:
            status = self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.close()
            return Ended("crashed", "it closed the connection to the checker")
        self.close()
        if status == -signal.SIGXCPU:
            return Ended("timed_out", "it used up its processor time")
        if status < 0:
            name = signal.Signals(-status).name
            return Ended("crashed", f"the interpreter was ended by {name}")
        return Ended("exits", f"it ended the interpreter with status {status}")


def _environment(folder: str) -> dict[str, str]:
    """Return the little that the process needs to know: no secrets of the caller's."""
    kept = {k: os.environ[k] for k in ("PATH", "LANG", "LD_LIBRARY_PATH") if k in os.environ}
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {**kept, "HOME": folder, "TMPDIR": folder, **dict.fromkeys(threads, "1")}

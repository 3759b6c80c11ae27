"""The checker's side of the process in which a student's file runs: it starts it, asks, ends it.

What this protects against: accidents, and mischief. An endless loop, a crash, an exit, memory and
output without end, processes and threads left running, a library or a file of the machine written
over, a connection into the network, a false answer: each ends at most the layer that does it, is
named, and leaves nothing behind. The limits (limits.py) and the refusals are there on every
system. On Linux the kernel adds walls where it is allowed to (walls.py): no process can be started,
no connection opened, nothing written outside an empty folder, not even by foreign code.

What it does not protect against: a file that is written to break out. It runs under your account
and can read what you can read. Without the walls (on macOS, say) foreign code gets around the
refusals, and macOS limits no memory. A file is not told what is expected, but it can look into its
own process, answer what it likes, and have other libraries compute it. Files of people whom you do
not trust belong into a container or a virtual machine without network and without secrets, as
a grading service has it anyway.
"""

import contextlib
import os
import secrets
import selectors
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pt_reference.check import frames
from pt_reference.check.answer_form import checked

Arrays = dict[str, np.ndarray]

_ROOT = str(Path(__file__).resolve().parents[2])
_START = (
    "import sys; sys.path.insert(0, {root!r}); from pt_reference.check import limits, walls; "
    "limits.apply({memory}, {seconds}); built = walls.build({folder!r}); "
    "from pt_reference.check.worker import main; main(built)"
)


@dataclass(frozen=True)
class Limits:
    """What a file may use."""

    seconds: float = 20.0  # for one check: PyTorch takes its time before the first
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
        self.errors = ""  # of the process, before the file is run
        self.printed_lines = 0
        self.tried: list[str] = []  # what the file tried to do and was refused
        self.torch_calls: set[str] = set()  # what it called in PyTorch
        self.walls: list[str] = []  # those that the kernel lets us build
        self.folder = tempfile.mkdtemp(prefix="minigrad-check-")
        try:
            self.process = self._start()
        except OSError:
            shutil.rmtree(self.folder)
            raise
        os.set_blocking(self.process.stdin.fileno(), False)
        request = {"do": "load", "path": str(self.path), "memory": self.limits.memory}
        self._load = self._send(request, {}, time.monotonic() + self.limits.load_seconds)

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(self) -> dict[str, Any]:
        """Wait until the file is imported; return what it defines."""
        deadline = time.monotonic() + self.limits.load_seconds
        try:
            self.walls = self._answer("", deadline)[0].get("walls", [])
        except Ended as end:  # before a line of the file has run
            said = (self.errors.strip() or end.text).splitlines()[-1]
            raise RuntimeError(f"the process for checked files does not start: {said}") from None
        return self._answer(self._load, deadline)[0]

    def ask(
        self, header: dict[str, Any], arrays: Arrays, seconds: float | None = None
    ) -> tuple[dict[str, Any], Arrays]:
        """Send a request and wait for its answer. Ended if there is none."""
        deadline = time.monotonic() + (self.limits.seconds if seconds is None else seconds)
        return self._answer(self._send(header, arrays, deadline), deadline)

    def kill(self) -> None:
        """End the process and all that it started: from another thread, too."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and all that it started, and remove its folder."""
        if not self.alive:
            return
        self.alive = False
        self.kill()
        self.process.wait()
        self._until_none_writes()
        self.errors = self.process.stderr.read(2000).decode(errors="replace")
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        shutil.rmtree(self.folder, onerror=_remove_all_the_same)

    def _start(self) -> subprocess.Popen[bytes]:
        code = _START.format(
            root=_ROOT,
            memory=self.limits.memory,
            seconds=self.limits.processor_seconds,
            folder=self.folder,
        )
        return subprocess.Popen(
            [sys.executable, "-s", "-B", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=_environment(self.folder),
            start_new_session=True,
            bufsize=0,
        )

    def _until_none_writes(self) -> None:
        """Wait a moment for the last of the processes to be gone."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while selector.select(0.2) and os.read(self.process.stdout.fileno(), 1 << 16):
                pass

    def _answer(self, token: str, deadline: float) -> tuple[dict[str, Any], Arrays]:
        try:
            total, head = frames.parse_lengths(self._read(frames.LENGTHS_SIZE, deadline))
            header, arrays = frames.parse(self._read(total, deadline), head)
            header = checked(header, token, arrays)
        except frames.BadFrame as error:
            self.close()
            raise Ended("forged", f"it wrote to the checker's own connection: {error}") from error
        self.printed_lines = header["printed"]
        self.tried = header["tried"]
        self.torch_calls.update(header["torch_calls"])
        return header, arrays

    def _send(self, header: dict[str, Any], arrays: Arrays, deadline: float) -> str:
        token = secrets.token_hex(8)  # nobody can have written the answer before
        rest = memoryview(frames.pack({**header, "token": token}, arrays))
        while rest:
            self._wait(self.process.stdin, selectors.EVENT_WRITE, deadline)
            try:
                rest = rest[os.write(self.process.stdin.fileno(), rest) :]
            except BrokenPipeError:
                raise self._ended() from None
        return token

    def _read(self, size: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._wait(self.process.stdout, selectors.EVENT_READ, deadline)
            part = os.read(self.process.stdout.fileno(), min(size - len(data), 1 << 20))
            if not part:
                raise self._ended()
            data += part
        return bytes(data)

    def _wait(self, stream: Any, event: int, deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(stream, event)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                self.close()
                raise Ended("timed_out", "it did not end in time")

    def _ended(self) -> Ended:
        try:
            status = self.process.wait(1)
        except subprocess.TimeoutExpired:
            status = frames.CONNECTION_LOST
        self.close()
        if status == frames.CONNECTION_LOST:
            return Ended("crashed", "it closed the connection to the checker")
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
    return {
        **kept,
        "HOME": folder,
        "TMPDIR": folder,
        "CUDA_VISIBLE_DEVICES": "",
        "MPLBACKEND": "agg",  # no windows
        **dict.fromkeys(threads, "1"),
    }


def _remove_all_the_same(remove: Callable[[str], None], path: str, _: object) -> None:
    """Remove what a file has locked against it."""
    with contextlib.suppress(OSError):
        os.chmod(os.path.dirname(path), stat.S_IRWXU)
        if os.path.isdir(path) and not os.path.islink(path):
            os.chmod(path, stat.S_IRWXU)
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.remove(path)

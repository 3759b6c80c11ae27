"""What the process of a student's file may use, and what it may not do.

The limits are the kernel's. The rest is an audit hook: Python asks it before it opens, removes,
starts or connects, and it says no. That is for accidents and mischief. Python has no walls inside
a process, and a file that sets out to get around the hook can; walls.py has the kernel say no too.
"""

import contextlib
import io
import os
import resource
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

MOST_IN_A_FILE = 1 << 20  # bytes
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_STARTS = (
    "subprocess.Popen",
    "os.system",
    "os.fork",
    "os.exec",
    "os.spawn",
    "os.posix_spawn",
    "pty.spawn",
)
_CHANGES = (
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.chmod",
    "os.chown",
    "os.chflags",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.utime",
    "shutil.rmtree",
    "sqlite3.connect",
)
_CONNECTS = (
    "socket.__new__",
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
)
_SENDS = ("os.kill", "os.killpg", "signal.pthread_kill", "syslog.syslog")

_tried: list[str] = []


class Forbidden(PermissionError):  # noqa: N818  it is what it says
    """What a checked file may not do."""


def tried() -> list[str]:
    """Return what the file has tried and was refused, each once."""
    return list(dict.fromkeys(_tried))


def say_tried(what: str) -> None:
    """Remember what the file has tried."""
    _tried.append(what)


def apply(memory: int, seconds: int) -> None:
    """Limit memory, processor time, the size of files, and core dumps.

    On Linux it is the memory that can be written that counts: libraries map far more than they use.
    macOS has no limit of memory.
    """
    linux = sys.platform.startswith("linux")
    for what, soft, hard in (
        (resource.RLIMIT_DATA if linux else resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_FSIZE, MOST_IN_A_FILE, MOST_IN_A_FILE),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        most = resource.getrlimit(what)[1]
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (soft, hard))


def private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout away from the file, and return them."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


class Output(io.RawIOBase):
    """Where what the file prints ends: its lines are counted."""

    def __init__(self) -> None:
        self.lines = 0

    def as_text(self) -> io.TextIOWrapper:
        """Return the stream of text that ends here."""
        return io.TextIOWrapper(self, "utf-8", "replace")

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Count the lines."""
        self.lines += bytes(data).count(b"\n")
        return len(data)

    def close(self) -> None:
        """Stay open, for the next layer."""

    def fileno(self) -> int:
        """Return a number that can be written to as well: nothing comes of it."""
        return 1


def forbid_harm(folder: str, file: str, memory: int) -> None:
    """From now on refuse writing outside the folder, processes, connections, and foreign code.

    Libraries use ctypes too: it is refused where the student's file itself calls it.
    """
    inside = _inside(folder)
    ours_and_ctypes = (__file__, os.path.join("ctypes", "__init__.py"))

    def from_the_file() -> bool:
        frame = sys._getframe()
        while frame.f_back and frame.f_code.co_filename.endswith(ours_and_ctypes):
            frame = frame.f_back
        return frame.f_code.co_filename == file

    def what_of(event: str, args: tuple[Any, ...]) -> str:
        if event == "open":
            path, _, flags = args
            if path is not None and (flags or 0) & _WRITES and not inside(path):
                return f"write outside its folder: {_named(path)}"
        elif event in _CHANGES:
            if outside := [a for a in args if isinstance(a, str | bytes) and not inside(a)]:
                return f"change files outside its folder: {_named(outside[0])}"
        elif event.startswith(_STARTS):
            return ": ".join(["start a process", *map(_named, args[:1])])
        elif event in _CONNECTS:
            return "open a network connection"
        elif event.startswith("ctypes.") and from_the_file():
            return "call foreign code"
        elif event in _SENDS:
            return "signal a process"
        return ""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "mmap.__new__" and args[1] > memory:
            raise MemoryError
        if what := what_of(event, args):
            say_tried(what)
            raise Forbidden(f"a checked file may not {what}")

    sys.addaudithook(hook)


def _inside(folder: str) -> Callable[[Any], bool]:
    """Return a function that tells which paths are in a folder, or lead nowhere."""
    realpath, fsdecode = os.path.realpath, os.fsdecode  # before the file can put others there
    root = realpath(folder) + os.sep

    def inside(path: Any) -> bool:
        if isinstance(path, int):
            return True
        real = realpath(fsdecode(path))
        return (real + os.sep).startswith(root) or real == os.devnull

    return inside


def _named(path: Any) -> str:
    return os.path.basename(os.fsdecode(path))[:60] if isinstance(path, str | bytes) else "?"

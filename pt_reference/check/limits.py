"""What the process of a student's file may not do. This is for accidents, not for attackers.

A file that is meant to break out can: Python has no walls inside a process. Run those in a
container. Here a file cannot by mistake or mischief write outside its folder, start processes, open
connections or fill the disk.
"""

import os
import resource
import sys
from typing import Any, BinaryIO

KEPT = 2000  # characters of what a file prints
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_STARTS = (
    "subprocess.Popen",
    "os.system",
    "os.fork",
    "os.forkpty",
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
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.utime",
    "shutil.rmtree",
)
_SENDS = ("os.kill", "os.killpg", "signal.pthread_kill")

_tried: list[str] = []


def tried() -> list[str]:
    """Return what the file has tried and was refused, each once."""
    return list(dict.fromkeys(_tried))


def private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout away from the file, and return them."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def apply(memory: int, seconds: int) -> None:
    """Limit memory, processor time, the size of files, and core dumps."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 1 << 20),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 512),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


class Output:
    """What the file prints: counted, and its beginning kept."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.lines = 0
        self.kept = ""

    def write(self, text: str) -> int:
        """Count the lines."""
        self.lines += text.count("\n")
        if len(self.kept) < KEPT:
            self.kept += text[: KEPT - len(self.kept)]
        return len(text)

    def flush(self) -> None:
        """Do nothing: nothing waits."""

    def isatty(self) -> bool:
        """Return False."""
        return False


def forbid_harm(folder: str, file: str) -> None:
    """From now on refuse writing outside the folder, processes, connections, and foreign code.

    Libraries use ctypes too: it is refused where the student's file itself calls it.
    """
    folder = os.path.realpath(folder) + os.sep

    def inside(path: Any) -> bool:
        if isinstance(path, int):
            return True
        real = os.path.realpath(os.fsdecode(path))
        return (real + os.sep).startswith(folder) or real == os.devnull

    def from_the_file() -> bool:
        frame = sys._getframe(2)
        while frame.f_back and "ctypes" in frame.f_code.co_filename:
            frame = frame.f_back
        return frame.f_code.co_filename == file

    def hook(event: str, args: tuple[Any, ...]) -> None:
        what = None
        if event == "open":
            path, _, flags = args
            if path is not None and (flags or 0) & _WRITES and not inside(path):
                what = "write outside its folder"
        elif event in _CHANGES:
            if any(not inside(a) for a in args if isinstance(a, str | bytes)):
                what = "change files outside its folder"
        elif event.startswith(_STARTS):
            what = "start a process"
        elif event in ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo"):
            what = "open a network connection"
        elif event.startswith("ctypes.") and from_the_file():
            what = "call foreign code"
        elif event in _SENDS:
            what = "signal a process"
        if what:
            _tried.append(what)
            raise PermissionError(f"a checked file may not {what}")

    sys.addaudithook(hook)

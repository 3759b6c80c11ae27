"""Walls of the kernel's around the process of a student's file, where Linux lets us build them.

A process may give itself namespaces of its own: a network without a way out, a tree of processes
that ends with its first, a view of the file system in which all is read-only but one folder. An
ordinary user may where user namespaces are allowed; in many containers, and on macOS, nobody may.
Then there are the limits and the audit hook of limits.py alone.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

_NEW_USER, _NEW_FILES, _NEW_PROCESSES, _NEW_NETWORK, _NEW_IPC = (
    0x10000000,
    0x00020000,
    0x20000000,
    0x40000000,
    0x08000000,
)
_MOUNT_SETATTR = 442  # the same number on every processor
_BIND, _PRIVATE, _RECURSIVE = 0x1000, 0x40000, 0x4000
_HERE, _AND_BELOW, _READ_ONLY = -100, 0x8000, 1
_DEATH_SIGNAL, _NO_NEW_PRIVILEGES = 1, 38
_READ_ANY_FILE = 1 << 2  # what is left to root of its capabilities
_COUNTS_BY_NAMESPACE = (5, 14)  # the kernel from which a limit of processes counts these alone
_MOST_THREADS = 64


def build(folder: str) -> list[str]:
    """Build what walls we can, all before the first thread: "network", "processes", "files".

    What returns is a process within them; the one that came waits outside, and ends as it does.
    """
    if not sys.platform.startswith("linux"):
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    walls = ["network", "processes"] if _leave(libc) else []
    if walls and _only_writable(libc, folder):
        walls.append("files")
        os.chdir(folder)  # again, past what has been put over it
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)  # no checker, no process
    if walls:
        _give_up_capabilities(libc)
        _go_on_in_a_child(libc)  # the first process of the new tree: its end is everyone's
        _go_on_in_a_child(libc)  # the second: unlike the first it can be ended by any signal
    return walls


def _leave(libc: ctypes.CDLL) -> bool:
    """Leave the namespaces of the checker: as root, or as root of a namespace of our own."""
    new = _NEW_FILES | _NEW_PROCESSES | _NEW_NETWORK | _NEW_IPC
    if libc.unshare(new) == 0:
        return True
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(new | _NEW_USER) != 0:
        return False
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    if tuple(map(int, os.uname().release.split(".")[:2])) >= _COUNTS_BY_NAMESPACE:
        resource.setrlimit(resource.RLIMIT_NPROC, (_MOST_THREADS, _MOST_THREADS))
    return True


class _Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user")]


def _only_writable(libc: ctypes.CDLL, folder: str) -> bool:
    """Make the file system read-only to us, but for a folder."""

    def set_attributes(path: bytes, flags: int, attributes: _Attributes) -> bool:
        size = ctypes.c_size_t(ctypes.sizeof(attributes))
        done = libc.syscall(_MOUNT_SETATTR, _HERE, path, flags, ctypes.byref(attributes), size)
        return done == 0

    here = os.fsencode(folder)
    return (
        libc.mount(b"none", b"/", None, _PRIVATE | _RECURSIVE, None) == 0
        and libc.mount(here, here, None, _BIND, None) == 0
        and set_attributes(b"/", _AND_BELOW, _Attributes(set=_READ_ONLY))
        and set_attributes(here, 0, _Attributes(clear=_READ_ONLY))
    )


def _give_up_capabilities(libc: ctypes.CDLL) -> None:
    """Keep no power of root's but to read a file that belongs to somebody else."""
    kept = _READ_ANY_FILE if os.geteuid() == 0 else 0
    version = (ctypes.c_uint32 * 2)(0x20080522, 0)
    libc.capset(version, (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0))


def _go_on_in_a_child(libc: ctypes.CDLL) -> None:
    """Return in a child; here wait for it, and end as it has ended."""
    child = os.fork()
    if not child:
        libc.prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        return
    os.closerange(0, 3)  # the connection is the child's
    while (ended := os.wait())[0] != child:
        pass  # an orphan that was handed to us
    status = os.waitstatus_to_exitcode(ended[1])
    if os.getpid() == 1:  # signals that it sends itself do not reach it
        os._exit(128 - status if status < 0 else status)
    if status > 128:
        os.kill(os.getpid(), status - 128)
    os._exit(status)

"""Walls of the kernel's around the process of a student's file, where Linux lets us build them.

"processes", "network": the kernel refuses the system calls that start a process, send it a signal
or open a connection (seccomp); every user may ask for that, and in containers too.
"files": a view of the file system of its own in which all is read-only but one folder (a mount
namespace); root may have one, and a user where user namespaces are allowed.

On other systems, and on processors whose system calls are not listed here, there are the limits
and the audit hook of limits.py alone.
"""

import contextlib
import ctypes
import errno
import os
import platform
import signal
import struct
import sys
from pathlib import Path

# prctl
_DEATH_SIGNAL, _SECCOMP, _FILTER, _NO_NEW_PRIVILEGES = 1, 22, 2, 38


def build(folder: str) -> list[str]:
    """Build what walls we can, before the process has a second thread; return their names."""
    if not sys.platform.startswith("linux"):
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)  # no checker, no process
    walls = []
    if _leave(libc) and _only_writable(libc, folder):
        os.chdir(folder)  # again, past what has been put over it
        walls.append("files")
    _give_up_capabilities(libc)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if _refuse_calls(libc):
        walls += ["network", "processes"]
    return walls


# Files

_NEW_USER, _NEW_FILES = 0x10000000, 0x00020000
_MOUNT_SETATTR = 442  # the same number on every processor
_BIND, _PRIVATE, _RECURSIVE = 0x1000, 0x40000, 0x4000
_HERE, _AND_BELOW, _READ_ONLY = -100, 0x8000, 1
_READ_ANY_FILE = 1 << 2  # what is left to root of its capabilities


def _leave(libc: ctypes.CDLL) -> bool:
    """Leave the file system of the checker: as root, or as root of a namespace of our own."""
    if libc.unshare(_NEW_FILES) == 0:
        return True
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_NEW_FILES | _NEW_USER) != 0:
        return False
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
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


# System calls

# Of each processor: its number, that of clone, and those of the calls that are refused: fork, vfork
# (where there are such), execve, execveat, kill, tkill, ptrace, socket, socketpair,
# pidfd_send_signal, io_uring_setup.
_PROCESSORS = {
    "x86_64": (0xC000003E, 56, (57, 58, 59, 322, 62, 200, 101, 41, 53, 424, 425)),
    "aarch64": (0xC00000B7, 220, (221, 281, 129, 130, 117, 198, 199, 424, 425)),
}
_CLONE3 = 435
_A_THREAD = 0x00010000  # the flag of clone that makes no process, but a thread
_LOAD, _IF_EQUAL, _IF_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _PROCESSOR, _FIRST_ARGUMENT = 0, 4, 16  # where they are in what a filter is shown
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000


def _refuse_calls(libc: ctypes.CDLL) -> bool:
    """Have the kernel refuse what starts processes, signals them, and opens connections."""
    if platform.machine() not in _PROCESSORS:
        return False
    processor, clone, refused = _PROCESSORS[platform.machine()]
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE | errno.EPERM)
    steps = [
        (_LOAD, 0, 0, _PROCESSOR),
        (_IF_EQUAL, 1, 0, processor),  # if so, step over one
        allow,  # a 32-bit process, an emulated one: its numbers mean other calls
        (_LOAD, 0, 0, _NUMBER),
        (_IF_EQUAL, 0, 1, _CLONE3),  # its flags cannot be seen: the C library then takes clone
        (_RETURN, 0, 0, _REFUSE | errno.ENOSYS),
    ]
    for number in refused:
        steps += [(_IF_EQUAL, 0, 1, number), refuse]
    steps += [
        (_IF_EQUAL, 0, 3, clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_IF_SET, 1, 0, _A_THREAD),
        refuse,
        allow,
    ]
    program = b"".join(struct.pack("=HBBI", *step) for step in steps)
    kept = ctypes.create_string_buffer(program)
    header = struct.pack("@HP", len(steps), ctypes.addressof(kept))
    libc.prctl(_SECCOMP, _FILTER, header, 0, 0)
    return libc.kill(os.getpid(), 0) != 0  # it stands if this harmless call is refused

"""The lock of a folder that one process at a time works in; the system lets go of it in any death.

`filelock` is imported when a lock is asked for: the doctor has to run without it.
"""

from pathlib import Path
from typing import Any

NAME = ".lock"


def lock(folder: Path) -> Any:
    """Return the lock of a folder, a `filelock.FileLock`, to be acquired."""
    from filelock import FileLock

    return FileLock(folder / NAME)


def in_use(folder: Path) -> bool:
    """Return whether a process holds the lock of a folder; no file is made there."""
    if not (folder / NAME).exists():
        return False
    from filelock import Timeout

    try:
        with lock(folder).acquire(timeout=0):
            return False
    except Timeout:
        return True

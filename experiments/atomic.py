"""Files that are there whole, or not at all; folders that one process at a time writes to."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from experiments import console
from experiments.errors import DISK_ERRORS, ExperimentError, StorageError, UsageError
from experiments.lock import lock


def write(path: Path, content: bytes | str, before: Callable[[], None] | None = None) -> None:
    """Write a file, in UTF-8 if it is text. A device is written to directly.

    `before` is called when the new file is whole, just before it takes its name.
    """
    if isinstance(content, str):  # names of files stand in it as they are on the disk
        content = content.encode("utf-8", "surrogateescape")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        with replacing(path, before) as file:
            file.write(content)
    except OSError as error:
        raise failure(path, error) from error


def failure(path: Path, error: OSError) -> ExperimentError:
    """Return what to say of a file that could not be written."""
    if error.errno in DISK_ERRORS:
        return StorageError(
            f"{path} could not be written ({error.strerror}); the files that were there are as "
            "they were: make room on the disk"
        )
    return UsageError(f"{path} cannot be written ({error.strerror}); name another")


@contextmanager
def replacing(path: Path, before: Callable[[], None] | None = None) -> Iterator[BinaryIO]:
    """Open a new file beside `path`; it takes that name when it is whole and on the disk.

    Whatever goes wrong before that leaves what `path` was, and no other file.
    """
    # A name of its own, and a short one: that of `path` may be as long as allowed.
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if before:
            before()
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what killed processes have left half written; nobody else may be writing there."""
    for left in folder.glob(f".{'[0-9a-f]' * 32}.tmp"):
        left.unlink()


@contextmanager
def alone(folder: Path, busy: str) -> Iterator[None]:
    """Keep other processes that ask for the same out of a folder; `busy` is said while waiting."""
    from filelock import Timeout

    held = lock(folder)
    try:
        held.acquire(timeout=0)
    except Timeout:
        console.note(f"waiting: {busy}")
        held.acquire()
    try:
        yield
    finally:
        held.release()


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk too, where a folder can be opened."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""Which file it is: the official one, or another, of which only a subset run may be made."""

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from experiments.errors import DataError
from experiments.svhn.mat_elements import HEADER, refusal
from experiments.svhn.official import FILES, URL


@dataclass(frozen=True)
class Source:
    """A data file as it was when it was checked."""

    file: str
    path: Path
    bytes: int
    md5: str
    images: int  # 0 if that is not known before it is read
    official: bool
    stamp: tuple[int, int]  # size, mtime in ns

    def changed(self) -> bool:
        """Return whether the file is another now."""
        try:
            return stamp_of(self.path.stat()) != self.stamp
        except OSError:
            return True


def stamp_of(status: os.stat_result) -> tuple[int, int]:
    """Return what changes when a file does."""
    return status.st_size, status.st_mtime_ns


def identify(
    root: Path,
    split: str,
    *,
    subset: bool = False,
    remembered: Callable[[Path, tuple[int, int]], str | None] = lambda path, stamp: None,
) -> Source:
    """Return the file of a split, if it is the official one or, with `subset`, may be a part.

    `remembered` may know the md5 of a file by its stamp; else it is computed. Only the first
    bytes are looked at besides: whether the file of a subset is well-formed shows when it is read.

    Raises
    ------
    DataError
        It is missing, cannot be read, or is another file than it should be.
    """
    official = FILES[split]
    path = root / official.name
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for
            raise DataError(f"{path} is not a file; the official one has {official}")
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            wrong = refusal(file.read(HEADER))
            file.seek(0)
            md5 = remembered(path, stamp_of(status)) or hashlib.file_digest(file, "md5").hexdigest()
    except FileNotFoundError as error:
        where = f"no {official.name} in {root}" if root.is_dir() else f"no folder {root}"
        raise DataError(
            f"there is {where}: the official file has {official}; "
            f"fetch it from {URL + official.name} or with --download"
        ) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})") from error
    _refuse_other_files(path, split, status.st_size, md5, wrong, subset)
    same = md5 == official.md5
    images = official.images if same else 0
    return Source(official.name, path, status.st_size, md5, images, same, stamp_of(status))


def _refuse_other_files(
    path: Path, split: str, size: int, md5: str, wrong: str | None, subset: bool
) -> None:
    """Raise DataError unless the file may be what its name says."""
    official = FILES[split]
    if md5 == official.md5:
        return
    for other in FILES.values():
        if md5 == other.md5:
            raise DataError(f"{path} is the official {other.name} under another name; rename it")
    is_not = f"it has {size:,} bytes, md5 {md5}; the official file has {official}"
    fetch = "move it away and fetch the official one with --download"
    if wrong or size == official.bytes:
        raise DataError(f"{path} {wrong or 'is damaged'}: {is_not}; {fetch}")
    if not subset:
        raise DataError(
            f"{path} is not the official file: {is_not}; {fetch}, "
            "or add --subset if it is a part of the data on purpose"
        )

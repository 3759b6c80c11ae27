"""A data folder's converted files: each data file is converted once, and that is remembered.

`DIR/converted` (or, where nothing can be written there, a folder in the user's cache) holds, for
`train_32x32.mat`, its images, uint8 (N, 3, 32, 32), and labels as .npy files with its md5 in their
names, and a note `train_32x32.json` of what the file and they were when they were written. The
note is written last: what it does not speak of is not there.
"""

import errno
import hashlib
import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pooch

from experiments import atomic, console
from experiments.errors import DataError, UsageError
from experiments.svhn import mat_file
from experiments.svhn.source import Source, stamp_of

NPY_HEADER = 128  # bytes, for any number of images


def converted(source: Source) -> tuple[Path, np.ndarray]:
    """Return the .npy file of the images and the labels, int64 (N,), of a checked file.

    What is not converted yet, or is not as it was written, is converted now.
    """
    folders = _folders(source.path.parent)
    for folder in folders:
        if _is_there(folder, source):
            break
    else:
        folder = _writable(folders)
        with atomic.alone(folder, f"{source.file} is being converted by another process"):
            if not _is_there(folder, source):  # or the other process has been quicker
                _convert(source, folder)
    images, labels = _arrays(folder, source.path, source.md5)
    return images, np.load(labels)


def _folders(root: Path) -> list[Path]:
    """Return where converted files may be: beside the data, else in the user's cache."""
    key = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    return [root / "converted", Path(pooch.os_cache("minigrad")) / "svhn" / key]


def _writable(folders: list[Path]) -> Path:
    """Return the first folder that can be written, and say so if it is not the first of all."""
    for folder in folders:
        try:
            if folder.parent.exists() and not folder.parent.stat().st_mode & stat.S_IWUSR:
                raise PermissionError(errno.EROFS, "it is read-only")  # root is asked not to, too
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            console.note(f"{folder} cannot be written ({error.strerror})")
            continue
        if folder != folders[0]:
            console.note(f"the converted images go to {folder}")
        return folder
    raise UsageError(
        f"the converted images can be written neither to {folders[0]} nor to {folders[1]}; "
        "type XDG_CACHE_HOME=DIR before the command, with a DIR that can be written"
    )


def _arrays(folder: Path, path: Path, md5: str) -> tuple[Path, Path]:
    """Return the files of a data file's images and labels."""
    return folder / f"{path.stem}-{md5}.npy", folder / f"{path.stem}-{md5}.labels.npy"


def _noted(folder: Path, path: Path) -> dict[str, Any]:
    """Return what the note on a data file says; a note that cannot be read says nothing."""
    try:
        note = json.loads((folder / f"{path.stem}.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return note if isinstance(note, dict) else {}


def remembered(path: Path, stamp: tuple[int, int]) -> str | None:
    """Return the md5 of a file that has not changed since it was converted."""
    for folder in _folders(path.parent):
        note = _noted(folder, path)
        if note.get("stamp") == list(stamp):
            return note.get("md5")
    return None


def _is_there(folder: Path, source: Source) -> bool:
    """Return whether a folder holds the arrays of a file, untouched since they were written."""
    note = _note(folder, source)
    return len(note["arrays"]) == 2 and note == _noted(folder, source.path)


def _note(folder: Path, source: Source) -> dict[str, Any]:
    """Return what is remembered of a file and of its arrays."""
    arrays = {}
    for path in _arrays(folder, source.path, source.md5):
        if path.is_file():
            arrays[path.name] = list(stamp_of(path.stat()))
    return {"stamp": list(source.stamp), "md5": source.md5, "arrays": arrays}


def _convert(source: Source, folder: Path) -> None:
    """Write the arrays of a file, and then the note."""
    for stale in folder.glob(".*.tmp"):  # of a process that was killed
        stale.unlink()
    if _noted(folder, source.path):
        console.note(f"{folder} holds {source.file} of another time, or damaged: converted again")
    images, labels = _arrays(folder, source.path, source.md5)
    try:
        with (
            console.progress(source.images or None, f"converting {source.file}", "img") as bar,
            atomic.replacing(images) as file,
        ):
            file.seek(NPY_HEADER)
            digits = mat_file.read(source.path, file, bar.update)
            file.seek(0)
            np.lib.format.write_array_header_1_0(
                file,
                {"descr": "|u1", "fortran_order": False, "shape": (len(digits), 3, 32, 32)},
            )
            if file.tell() != NPY_HEADER or source.changed():
                raise DataError(f"{source.path} was changed while it was read; try again")
        with atomic.replacing(labels) as file:
            np.save(file, digits)
        atomic.write(folder / f"{source.path.stem}.json", json.dumps(_note(folder, source)))
    except OSError as error:
        raise DataError(
            f"{source.path} cannot be converted into {folder} ({error.strerror})"
        ) from error

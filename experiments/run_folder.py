"""A run's folder: everything that is needed to repeat the run, and everything it gave.

No file is ever half written, and no folder written into twice. Of several processes that share a
run, the first one writes, and what is done here is nothing in the others.
"""

import csv
import hashlib
import io
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from experiments import atomic
from experiments.errors import InUseError, UsageError
from experiments.lock import lock
from experiments.processes import current


class RunFolder:
    """A new folder `parent/name`, or the first of its siblings `name.2`, `name.3`, ... not taken.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     [RunFolder(Path(parent), "torch-mlp-seed0").path.name for _ in range(3)]
    ['torch-mlp-seed0', 'torch-mlp-seed0.2', 'torch-mlp-seed0.3']
    """

    def __init__(self, parent: Path, name: str) -> None:
        self.path = parent / name
        if not current().first:
            return
        parent.mkdir(parents=True, exist_ok=True)
        taken = set(os.listdir(parent))  # there may be thousands
        for number in itertools.count(2):
            if self.path.name not in taken:
                with suppress(FileExistsError):
                    self.path.mkdir()  # of two processes, one gets it
                    return
            self.path = parent / f"{name}.{number}"

    @classmethod
    def at(cls, path: Path) -> "RunFolder":
        """Return a run's folder that is there already, for what is written about the run."""
        folder = cls.__new__(cls)
        folder.path = path
        return folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out, and clear away what a killed one has left half written.

        Raises InUseError if another process is at work here. A lock ends with its process.
        """
        from filelock import Timeout

        if not current().first:
            yield
            return
        held = lock(self.path)
        try:
            held.acquire(timeout=0)
        except Timeout as error:
            raise InUseError(
                f"{self.path} is in use by another process: wait until it has ended"
            ) from error
        try:
            atomic.sweep(self.path)
            yield
        finally:
            held.release()

    def write(self, name: str, content: bytes | str) -> None:
        """Write a file: it is there whole, or not at all."""
        if current().first:
            atomic.write(self.path / name, content)

    def write_json(self, name: str, content: Any) -> None:
        """Write what is made of dicts, lists, strings, numbers and arrays."""
        self.write(name, json.dumps(content, indent=2, default=np.ndarray.tolist) + "\n")

    def write_csv(self, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write a table; floats keep all their digits, None becomes an empty field."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([header, *rows])
        self.write(name, text.getvalue())

    def write_weights(self, name: str, weights: dict[str, np.ndarray]) -> str:
        """Write arrays as safetensors: no code in it, and either framework can read it.

        Return the SHA-256 of the file, for safetensors has no checksum of its own.
        """
        content = save(weights)
        self.write(name, content)
        return hashlib.sha256(content).hexdigest()

    def write_array(self, name: str, array: np.ndarray) -> None:
        """Write an array as .npy."""
        content = io.BytesIO()
        np.save(content, array, allow_pickle=False)
        self.write(name, content.getvalue())

    def write_figure(self, name: str, figure: Any) -> None:
        """Write a matplotlib figure twice: `name.pdf` and `name.png`."""
        for suffix, metadata in (("pdf", {"CreationDate": None}), ("png", {})):
            content = io.BytesIO()
            figure.savefig(content, format=suffix, dpi=150, metadata=metadata)
            self.write(f"{name}.{suffix}", content.getvalue())


def check_writable(parent: Path) -> None:
    """Raise UsageError unless files can be written below `parent`; asked before any training."""
    probe = parent / f".probe-{os.getpid()}"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"0")
    except OSError as error:
        raise UsageError(
            f"--out: nothing can be written in {parent} ({error.strerror}): "
            "name a folder that can be, for example --out runs"
        ) from error
    finally:
        with suppress(OSError):  # a full disk may have taken the name and not the byte
            probe.unlink()

"""The strict reader of SVHN's .mat files: their own layout, or a DataError that says what is not.

`scipy.io.loadmat` can crash the interpreter on a malformed file, and takes some for good that are
not. This reader goes through the file in pieces and never reserves what the file merely declares:
about 2 MB of memory, for any number of images.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from experiments.errors import DataError
from experiments.svhn.mat_elements import MalformedError, Variable, variables

EXPECTED = "a MATLAB 5 file with X uint8 (32, 32, 3, N) and y (N, 1) is expected"
UINT8 = 2
INTEGERS = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 12: "<i8", 13: "<u8"}
IMAGE = 3 * 32 * 32
BLOCK = 128  # images at a time
MOST = 1_000_000  # images; the largest official file has 531,131


def read(path: Path, images: BinaryIO, watch: Callable[[int], object] | None = None) -> np.ndarray:
    """Write the images of a file, uint8 (N, 3, 32, 32), and return the labels, int64 (N,), 0..9.

    Parameters
    ----------
    path : a regular file.
    images : takes the images' bytes as they are read, without a header.
    watch : is told the number of images of each block.

    Raises
    ------
    DataError
        What is wrong with the file, and what is expected; some images may have been written.
    """
    count, labels = 0, None
    names = []
    try:
        with path.open("rb") as file:
            for variable in variables(file.read, os.fstat(file.fileno()).st_size):
                names.append(variable.name)
                if names.count(variable.name) > 1:
                    raise MalformedError(f"has {variable.name!r} twice")
                if variable.name == "X":
                    count = _images(variable, images, watch)
                elif variable.name == "y":
                    labels = _labels(variable)
                else:
                    raise MalformedError(f"has a variable {variable.name!r}")
        if labels is None or not count:
            there = " and ".join(names) or "no variable"
            raise MalformedError(f"holds {there} and no more: it is truncated, or another file")
        if len(labels) != count:
            raise MalformedError(f"has {count:,} images and {len(labels):,} labels")
        return _digits(labels)
    except MalformedError as error:
        raise DataError(f"{path} {error}; {EXPECTED}") from error


def _images(x: Variable, out: BinaryIO, watch: Callable[[int], object] | None) -> int:
    """Write the images and return their number."""
    if x.dtype != "uint8" or x.shape[:3] != (32, 32, 3) or len(x.shape) != 4 or x.shape[3] < 1:
        raise MalformedError(f"has X {x.dtype} {x.shape}")
    n = x.shape[3]
    if n > MOST:
        raise MalformedError(f"declares {n:,} images, more than {MOST:,}")
    if (x.mat_type, x.size) != (UINT8, n * IMAGE):
        raise MalformedError(f"has {x.size:,} bytes of type {x.mat_type} for X {x.shape}")
    for start in range(0, n, BLOCK):
        k = min(BLOCK, n - start)
        # MATLAB's first index is the fastest: read backwards, (32, 32, 3, N) is (N, C, W, H).
        block = np.frombuffer(x.body.take(k * IMAGE), np.uint8).reshape(k, 3, 32, 32)
        out.write(np.ascontiguousarray(block.swapaxes(2, 3)))  # (k, C, H, W)
        if watch:
            watch(k)
    return n


def _labels(y: Variable) -> np.ndarray:
    """Return the labels as they stand in the file, of a column or a row of integers."""
    n = max(y.shape, default=0)
    if "int" not in y.dtype or y.shape not in ((n, 1), (1, n)) or n > MOST:
        raise MalformedError(f"has y {y.dtype} {y.shape}")
    stored = INTEGERS.get(y.mat_type)
    if stored is None or y.size != n * np.dtype(stored).itemsize:
        raise MalformedError(f"has {y.size:,} bytes of type {y.mat_type} for y {y.shape}")
    return np.frombuffer(y.body.take(y.size), stored)


def _digits(labels: np.ndarray) -> np.ndarray:
    """Return the labels as digits: 10 is the digit zero, unless zero is there as well."""
    values, counts = np.unique(labels, return_counts=True)
    wrong = (values < 0) | (values > 10)
    if wrong.any() or {0, 10} <= set(values.tolist()):
        order = np.argsort(~wrong, kind="stable")[:12]  # what is wrong is shown first
        shown = ", ".join(f"{values[i]}: {counts[i]:,}" for i in order)
        raise MalformedError(
            f"has labels other than 1 to 10 ({shown}), of which 10 is the digit zero"
        )
    return labels.astype(np.int64) % 10

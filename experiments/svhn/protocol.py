"""Which rows train, validate and test.

`assignment`: of the training file, a share drawn by the run's seed validates. `published`: the
training and the extra file in that order, shuffled as the published notebook did; it breaks the
assignment's rule against extra examples, and is there to be compared with the published numbers.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.errors import DataError

NAMES = ("assignment", "published")
OFFICIAL, PUBLISHED_TRAINING = 604_388, 543_949  # images of train and extra; of these for training


@dataclass(frozen=True)
class Examples:
    """Rows of a set of images: `images[indices]` is uint8 (k, 3, 32, 32), `labels` int64 (N,)."""

    images: Any
    labels: np.ndarray
    rows: np.ndarray  # (n,) int64: which of the N

    def __len__(self) -> int:
        return len(self.rows)


class Joined:
    """Sets of images one behind the other, without a copy of any.

    >>> joined = Joined([np.zeros((2, 3, 32, 32), np.uint8), np.ones((3, 3, 32, 32), np.uint8)])
    >>> len(joined), joined[np.array([4, 0, 2])][:, 0, 0, 0].tolist()
    (5, [1, 0, 1])
    """

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts
        self.ends = np.cumsum([len(part) for part in parts])

    def __len__(self) -> int:
        return int(self.ends[-1])

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        images = np.empty((len(indices), 3, 32, 32), np.uint8)
        part_of = np.searchsorted(self.ends, indices, side="right")
        for number, part in enumerate(self.parts):
            here = part_of == number
            if here.any():
                images[here] = part[indices[here] - (self.ends[number] - len(part))]
        return images


def split(
    protocol: str, files: Mapping[str, Any], seed: int, val_fraction: float
) -> dict[str, Examples]:
    """Return the 'train', 'val' and 'test' examples.

    Parameters
    ----------
    protocol : {'assignment', 'published'}
    files : data sets with `data` and `labels`: 'train', 'test', and for 'published' also 'extra'.
    seed, val_fraction : of the assignment's protocol alone; the other has its own.
    """
    train, test = files["train"], files["test"]
    if protocol == "assignment":
        images, labels = train.data, train.labels
        training, validation = drawn(len(labels), seed, val_fraction)
    else:
        images = Joined([train.data, files["extra"].data])
        labels = np.concatenate([train.labels, files["extra"].labels])
        training, validation = published(len(labels))
    if not len(training):
        raise DataError(f"{len(labels)} training images are too few to train and validate")
    return {
        "train": Examples(images, labels, training),
        "val": Examples(images, labels, validation),
        "test": whole(test),
    }


def whole(test: Any) -> Examples:
    """Return all rows of a file in its order.

    The published notebook shuffled the test file as well. The sums over it are the same in any
    order, and in the file's own the predictions can be held against it.
    """
    return Examples(test.data, test.labels, np.arange(len(test.labels)))


def drawn(n: int, seed: int, val_fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """Draw the rows that validate, at least `val_fraction` of n; return the others and them.

    >>> [len(rows) for rows in drawn(73_257, seed=0, val_fraction=0.1)]
    [65931, 7326]
    """
    rows = np.random.default_rng(seed).permutation(n)
    size = math.ceil(val_fraction * n)
    return np.sort(rows[size:]), np.sort(rows[:size])


def published(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that trained and validated in the published run; 9 of 10 of a subset."""
    rows = shuffled(n)
    size = PUBLISHED_TRAINING if n == OFFICIAL else 9 * n // 10
    return rows[:size], rows[size:]


def shuffled(n: int) -> np.ndarray:
    """Return the published notebook's order of n rows."""
    return np.random.RandomState(0).choice(n, n, replace=False)

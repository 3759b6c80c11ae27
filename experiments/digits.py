"""The data: 1797 handwritten digits of 8 by 8 pixels, from scikit-learn."""

from collections.abc import Callable
from functools import cache

import numpy as np

from experiments.errors import DataError

SPLIT = {"train": slice(0, 1000), "val": slice(1000, 1350), "test": slice(1350, 1797)}


@cache
def _load() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    _check(pixels, labels)
    return pixels, labels


def _check(pixels: np.ndarray, labels: np.ndarray) -> None:
    """Raise DataError unless these are the digits that scikit-learn comes with."""
    expected = "1797 images of 64 pixels from 0 to 16 and labels from 0 to 9 are expected"
    again = "type: pip install --force-reinstall scikit-learn"
    if pixels.shape != (1797, 64) or labels.shape != (1797,):
        raise DataError(
            f"scikit-learn's digits are {pixels.shape}, {labels.shape}; {expected}; {again}"
        )
    right = ((pixels >= 0) & (pixels <= 16)).all(axis=1) & (labels >= 0) & (labels <= 9)
    if not right.all():  # a NaN is not between 0 and 16
        raise DataError(
            f"scikit-learn's digits are damaged in image {right.argmin()}; {expected}; {again}"
        )


class Digits:
    """The assignment's split of Digits: 1000 for training, 350 for validation, 447 for testing.

    A sample is the raw pixels 0..16 as float32 (64,), row by row, and the label as an int.
    Length and indexing are all that a DataLoader needs, PyTorch's as well as minigrad's.

    Parameters
    ----------
    mode : {'train', 'val', 'test'}
    transforms : function of the pixels, applied to each sample when it is taken.

    >>> train = Digits("train")
    >>> x, y = train[1]
    >>> len(train), x.dtype, x.shape, y
    (1000, dtype('float32'), (64,), 1)
    """

    def __init__(
        self,
        mode: str = "train",
        transforms: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        if mode not in SPLIT:
            raise ValueError(f"mode must be one of {', '.join(SPLIT)}, not {mode!r}")
        pixels, labels = _load()
        self.data = pixels[SPLIT[mode]].astype(np.float32)  # (N, 64)
        self.targets = labels[SPLIT[mode]]  # (N,)
        self.transforms = transforms

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
        x = self.data[index]
        if self.transforms:
            x = self.transforms(x)
        return x, int(self.targets[index])

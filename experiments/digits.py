"""The data: 1797 handwritten digits of 8 by 8 pixels, from scikit-learn."""

from collections.abc import Callable
from functools import cache

import numpy as np

SPLIT = {"train": slice(0, 1000), "val": slice(1000, 1350), "test": slice(1350, 1797)}


@cache
def _load() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True)


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

"""SVHN with torchvision's arguments, attributes and meaning; its images stay on the disk."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from experiments.errors import DataError
from experiments.svhn import store
from experiments.svhn.official import FILES
from experiments.svhn.source import Source, identify


class Images:
    """Images in a .npy file, uint8 (N, 3, 32, 32): what is indexed is read, and nothing kept.

    The file is mapped for each reading alone, so that a process that has seen all images is no
    larger than one that has seen some.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, path: Path, count: int) -> None:
        self.path, self.shape = path, (count, 3, 32, 32)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, indices: Any) -> np.ndarray:
        try:
            mapped = np.memmap(self.path, np.uint8, "r", store.NPY_HEADER, self.shape)
        except (OSError, ValueError) as error:  # ValueError: it has become shorter
            raise DataError(f"{self.path} was changed while it was in use; start again") from error
        taken = mapped[indices]
        return np.array(taken) if isinstance(taken, np.memmap) else taken


class SVHN:
    """The house numbers, as torchvision's `SVHN`, except for what is said of a subset.

    Parameters
    ----------
    root : folder of `train_32x32.mat`, `extra_32x32.mat` and `test_32x32.mat`.
    split : {'train', 'extra', 'test'}
    transform : function of an image, a PIL.Image.
    target_transform : function of a label, an int.
    download : fetch the official file if it is not there.
    subset : take any file of the format, as well as the official one.
    mirror : where to fetch it, instead of the official address.

    Attributes
    ----------
    data : Images
        uint8 (N, 3, 32, 32); `data[indices]` is a new array.
    labels : ndarray
        int64 (N,), 0 to 9.
    source : Source
        Which file it was.

    Raises
    ------
    DataError
        The file is missing, cannot be read, or is not the official one.
    """

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable[[Image.Image], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
        download: bool = False,
        *,
        subset: bool = False,
        mirror: str | None = None,
    ) -> None:
        if split not in FILES:
            raise ValueError(f"split must be one of {', '.join(FILES)}, not {split!r}")
        self.root, self.split = Path(root), split
        self.transform, self.target_transform = transform, target_transform
        if download:
            from experiments.svhn.download import fetch

            fetch(self.root, split, mirror)
        source = identify(self.root, split, subset=subset, remembered=store.remembered)
        images, self.labels = store.converted(source)
        self.data = Images(images, len(self.labels))
        self.source: Source = replace(source, images=len(self.labels))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image = Image.fromarray(self.data[index].transpose(1, 2, 0))
        label = int(self.labels[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return image, label

"""Data sets, samplers and the loader that makes batches, as in ``torch.utils.data``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar

import numpy as np

from minigrad.creation import as_tensor
from minigrad.dtypes import float64
from minigrad.functions import stack
from minigrad.random import Generator, default_generator, randint, randperm
from minigrad.tensor import Tensor

__all__ = [
    "BatchSampler",
    "DataLoader",
    "Dataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "TensorDataset",
    "default_collate",
    "default_convert",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Dataset(Generic[T_co]):
    """Samples by number: a subclass defines ``__getitem__`` and ``__len__``."""

    def __getitem__(self, index: Any) -> T_co:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Sample k is the k-th row of every tensor.

    >>> import minigrad
    >>> TensorDataset(minigrad.arange(3), minigrad.arange(3) * 10)[1]
    (tensor(1), tensor(10))
    """

    def __init__(self, *tensors: Tensor) -> None:
        if any(t.size(0) != tensors[0].size(0) for t in tensors):
            raise AssertionError("Size mismatch between tensors")  # PyTorch's type of error
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(t[index] for t in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset[T_co]):
    """Some samples of a data set, in the order of ``indices``.

    >>> list(Subset("abcd", [3, 0]))
    ['d', 'a']
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> T_co:
        sample: T_co = self.dataset[self.indices[index]]
        return sample

    def __len__(self) -> int:
        return len(self.indices)


class Sampler(Generic[T_co]):
    """The order of samples: a subclass defines ``__iter__``."""

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError


class SequentialSampler(Sampler[int]):
    """0, 1, 2, ..."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """A new order of all samples each time; or, with ``replacement``, independent draws.

    Without a generator of its own it draws a seed for one from the default stream, as PyTorch does.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeError(
                f"replacement should be a boolean value, but got replacement={replacement}"
            )
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(
                "num_samples should be a positive integer value, but got "
                f"num_samples={self.num_samples}"
            )

    def __iter__(self) -> Iterator[int]:
        generator = self.generator
        if generator is None:
            generator = Generator().manual_seed(default_generator._random_int64())
        n = len(self.data_source)
        if self.replacement:
            for left in range(self.num_samples, 0, -32):
                yield from randint(n, (min(left, 32),), generator=generator).tolist()
        else:
            for _ in range(self.num_samples // n):
                yield from randperm(n, generator=generator).tolist()
            left = self.num_samples % n
            # From a generator that lives on it is drawn even where nothing is left to fill, as in
            # PyTorch: the next epoch depends on it.
            if left or self.generator is not None:
                yield from randperm(n, generator=generator).tolist()[:left]

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """Lists of ``batch_size`` numbers from another sampler; ``drop_last`` leaves out a short one.

    >>> list(BatchSampler(SequentialSampler("abcde"), 2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(
                f"batch_size should be a positive integer value, but got batch_size={batch_size}"
            )
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while len(batch := list(islice(indices, self.batch_size))) == self.batch_size:
            yield batch
        if batch and not self.drop_last:
            yield batch

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]
        return whole + (rest > 0 and not self.drop_last)


class DataLoader(Generic[T_co]):
    """Batches of a data set.

    ``dataset`` has ``__getitem__`` and ``__len__``. ``shuffle`` gives a new order each epoch,
    ``generator`` its random stream, ``drop_last`` leaves out a last short batch, and ``collate_fn``
    turns a list of samples into a batch. PyTorch's options for worker processes and pinned memory
    are not supported.

    >>> import numpy as np
    >>> data = [(np.float32([k, k]), k) for k in range(3)]
    >>> for x, y in DataLoader(data, batch_size=2):
    ...     print(x.shape, y)
    torch.Size([2, 2]) tensor([0, 1])
    torch.Size([1, 2]) tensor([2])
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Sequence[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: None = None,
        multiprocessing_context: None = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        for name, value, only in (
            ("num_workers", num_workers, 0),
            ("pin_memory", pin_memory, False),
            ("timeout", timeout, 0),
            ("worker_init_fn", worker_init_fn, None),
            ("multiprocessing_context", multiprocessing_context, None),
            ("prefetch_factor", prefetch_factor, None),
            ("persistent_workers", persistent_workers, False),
            ("pin_memory_device", pin_memory_device, ""),
            ("in_order", in_order, True),
        ):
            if value != only:
                raise NotImplementedError(
                    f"minigrad's DataLoader has {name}={only!r} alone, not {value!r}"
                )
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None and (
            batch_size != 1 or shuffle or sampler is not None or drop_last
        ):
            raise ValueError(
                "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and "
                "drop_last"
            )
        if batch_sampler is not None:
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None option disables auto-batching and is mutually exclusive with "
                "drop_last"
            )
        if sampler is None:
            sampler = (
                RandomSampler(dataset, generator=generator)
                if shuffle
                else SequentialSampler(dataset)
            )
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset, self.batch_size, self.drop_last = dataset, batch_size, drop_last
        self.sampler, self.batch_sampler, self.generator = sampler, batch_sampler, generator
        self.num_workers = num_workers
        self.collate_fn = collate_fn or (
            default_convert if batch_sampler is None else default_collate
        )

    def __iter__(self) -> Iterator[Any]:
        # PyTorch draws a seed for its worker processes, which there are none of here, at each
        # iter(); so must we, to stay on the same random stream.
        (self.generator or default_generator)._random_int64()
        return self._batches()

    def _batches(self) -> Iterator[Any]:
        dataset = self.dataset
        if self.batch_sampler is None:
            for index in self.sampler:
                yield self.collate_fn(dataset[index])
        else:
            for indices in self.batch_sampler:
                yield self.collate_fn([dataset[index] for index in indices])

    def __len__(self) -> int:
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]


def default_collate(batch: Sequence[Any]) -> Any:
    """Make one batch of a list of samples: tensors and arrays stacked, numbers put in a tensor.

    Floats become float64, integers int64. Tuples, lists and dictionaries are collated item by item;
    texts stay a list. Raises TypeError for anything else, RuntimeError for unequal sizes.

    >>> default_collate([(1.5, {"label": 3}), (2.5, {"label": 4})])
    [tensor([1.5000, 2.5000], dtype=torch.float64), {'label': tensor([3, 4])}]
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, str | bytes):
        return list(batch)
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "USO":
            raise TypeError(_not_collated(first.dtype))
        try:
            return as_tensor(np.array(batch))
        except ValueError:  # NumPy stacks no arrays of different shapes
            odd = [array.shape != first.shape for array in batch].index(True)
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(first.shape)} at "
                f"entry 0 and {list(batch[odd].shape)} at entry {odd}"
            ) from None
    if isinstance(first, np.generic):
        return as_tensor(np.array(batch))
    if isinstance(first, bool | int):
        numbers = np.array(batch)
        return as_tensor(numbers if numbers.dtype.kind in "bi" else list(batch))
    if isinstance(first, float):
        return as_tensor(list(batch), dtype=float64)
    if isinstance(first, Mapping):
        return _like(first, {k: default_collate([sample[k] for sample in batch]) for k in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):  # a named tuple stays one
        return type(first)(*[default_collate(items) for items in zip(*batch, strict=True)])
    if isinstance(first, Sequence):
        if len(set(map(len, batch))) > 1:
            raise RuntimeError("each element in list of batch should be of equal size")
        return _like(first, [default_collate(items) for items in zip(*batch, strict=True)])
    raise TypeError(_not_collated(type(first)))


def default_convert(data: Any) -> Any:
    """Make tensors of the arrays in one sample, and leave everything else as it is."""
    if isinstance(data, np.ndarray | np.generic) and data.dtype.kind not in "USO":
        return as_tensor(np.asarray(data))
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*[default_convert(value) for value in data])
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return _like(data, [default_convert(value) for value in data])
    return data


def _like(original: Any, items: Any) -> Any:
    """Return items in a container of the original's type, but a list in place of a tuple."""
    try:
        return items if isinstance(original, tuple) else type(original)(items)
    except TypeError:  # a type of container that is not made like that
        return items


def _not_collated(kind: Any) -> str:
    return (
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; "
        f"found {kind}"
    )

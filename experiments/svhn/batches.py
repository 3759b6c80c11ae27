"""Whole batches at once: indexed as uint8, and made into numbers where they are computed with."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from experiments.processes import Alone
from experiments.svhn.protocol import Examples

BLOCK = 4096  # images uploaded at once: 12 MB
ORDER, AUGMENTATION, DROPOUT = range(3)


class Batches:
    """The batches of some examples on a device.

    A batch is x float32 (B, 3, 32, 32) of 0..255, channels-last in memory, and y int64 (B,); the
    last one is short. Iterating gives the examples in order; `epoch` in the order of that epoch.
    Of several processes each gets its rows of an epoch's batches, and whole batches of the others.

    On the CPU the images stay in their file. A GPU gets them once, as bytes: 1.7 GB for all of
    SVHN, where floats would be 6.9.

    Parameters
    ----------
    augment : for the batches of `epoch`, a function of x (B, ...) and of one that, given k, draws k
        numbers of 0..1 for each image, (k, B) on the CPU.
    processes : those that share the batches.
    """

    def __init__(
        self,
        examples: Examples,
        batch_size: int,
        device: str = "cpu",
        seed: int = 0,
        augment: Callable[[Any, Callable[[int], Any]], Any] | None = None,
        processes: Alone | None = None,
    ) -> None:
        self.examples = examples
        self.batch_size = batch_size
        self.device = device
        self.seed = seed
        self.augment = augment
        self.processes = processes or Alone()
        self.labels = torch.from_numpy(examples.labels[examples.rows]).to(device)  # (n,)
        self.uploaded = None if device == "cpu" else upload(examples, device)

    def __len__(self) -> int:
        return -(-len(self.examples) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        batches = torch.arange(len(self.examples)).split(self.batch_size)
        for number in self.processes.rounds(len(batches)):
            yield self.take(batches[number] if number < len(batches) else batches[0][:0])

    def epoch(self, epoch: int, done: int = 0) -> Iterator[tuple[Any, Any]]:
        """Yield the batches of an epoch that are left when `done` of them are done.

        Order, augmentation and dropout depend on (seed, epoch, step) alone. So a training can go
        on from any step without the state of a random number generator, and the first two, drawn
        on the CPU, are the same on every device.
        """
        order = torch.randperm(len(self.examples), generator=self.generator(ORDER, epoch))
        for step, positions in enumerate(order.split(self.batch_size)[done:], start=done + 1):
            rows = self.processes.rows(len(positions))
            x, y = self.take(positions[rows])
            if self.augment and len(x):
                generator = self.generator(AUGMENTATION, epoch, step)
                x = self.augment(x, partial(chances, generator, len(positions), rows))
            torch.manual_seed(self.number(DROPOUT, epoch, step))  # of the device's generator too
            yield x, y

    def take(self, positions: Any) -> tuple[Any, Any]:
        """Return the batch of the examples at some positions, int64 (B,) on the CPU."""
        here = positions.to(self.device)
        if self.uploaded is None:
            rows = self.examples.rows[positions.numpy()]
            x = torch.from_numpy(self.examples.images[rows])
            # First the bytes change places, then they become floats: a third faster.
            x = x.contiguous(memory_format=torch.channels_last)
        else:
            x = self.uploaded[here].permute(0, 3, 1, 2)
        return x.float(), self.labels[here]

    def generator(self, *purpose: int) -> torch.Generator:
        """Return a generator of random numbers for a purpose, epoch and step."""
        return torch.Generator().manual_seed(self.number(*purpose))

    def number(self, *purpose: int) -> int:
        """Return the seed for a purpose, epoch and step: the seed sequence keeps them apart."""
        words = np.random.SeedSequence((self.seed, *purpose)).generate_state(2, np.uint32)
        return int(words[0]) << 31 | int(words[1]) >> 1


def chances(generator: torch.Generator, size: int, rows: slice, k: int) -> Any:
    """Draw k numbers of 0..1 for each example of a batch; return those of some rows."""
    return torch.rand(k, size, generator=generator)[:, rows]


def upload(examples: Examples, device: str) -> Any:
    """Return the examples' images on a device: uint8 (n, 32, 32, 3), row by row."""
    blocks = np.array_split(examples.rows, -(-len(examples) // BLOCK))
    uploaded = torch.empty((len(examples), 32, 32, 3), dtype=torch.uint8, device=device)
    end = 0
    for rows in blocks:
        start, end = end, end + len(rows)
        images = torch.from_numpy(examples.images[rows])
        uploaded[start:end] = images.permute(0, 2, 3, 1).to(device)
    return uploaded

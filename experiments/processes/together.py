"""Several processes, started by torchrun, of which each takes its share of every batch.

They meet in two ways. Within a training they exchange numbers in collectives, step by step, and
whoever is waited for longer than TIMEOUT is taken for lost. Where one may take its time, the others
look every now and then whether it has come.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

from experiments.errors import DataError, ExperimentError, LostProcessError, UsageError
from experiments.processes.alone import Alone
from experiments.processes.batch_norm import JoinedBatchNorm2d
from experiments.processes.dropout import JoinedDropout
from experiments.processes.launch import Launch
from experiments.processes.loss import JoinedLoss

TIMEOUT = timedelta(seconds=45)
LOOK = 0.05  # seconds from one look to the next
LEAVING = 20.0  # seconds; torchrun kills after 30
ERRORS: tuple[type[ExperimentError], ...] = (UsageError, DataError)  # of what is done before

T = TypeVar("T")


class Together(Alone):
    """The processes of a group, as seen from one of them.

    Parameters
    ----------
    launch : which one this is.
    store : where the processes leave word for each other.
    """

    def __init__(self, launch: Launch, store: dist.Store) -> None:
        self.rank, self.number = launch.rank, launch.number
        self.local_number = launch.local_number
        self.first = launch.rank == 0
        self.store = store
        self.meetings = 0
        self.batch = 0  # how many examples the training batch at hand has in all

    def rows(self, n: int) -> slice:
        """Return this process's rows: as many as any other's, or one more, or none."""
        self.batch = n
        return slice(n * self.rank // self.number, n * (self.rank + 1) // self.number)

    def whole(self, n: int) -> int:
        """Return how many examples the training batch at hand has in all."""
        return self.batch

    def rounds(self, batches: int) -> range:
        """Return consecutive batches: each is computed by one process, as it would be alone."""
        share = -(-batches // self.number)
        return range(share * self.rank, share * (self.rank + 1))

    def gather(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows of all processes, in the order of the processes."""
        here = torch.tensor(rows)
        sizes = torch.zeros(self.number, dtype=torch.int64)
        sizes[self.rank] = len(here)
        dist.all_reduce(sizes)
        ends = sizes.cumsum(0).tolist()
        joined = torch.zeros((ends[-1], *here.shape[1:]), dtype=here.dtype)
        joined[ends[self.rank] - len(here) : ends[self.rank]] = here
        dist.all_reduce(joined)  # all others have zeros there
        return joined.numpy()

    def largest(self, number: int) -> int:
        """Return the largest of all processes' numbers."""
        largest = torch.tensor(number)
        dist.all_reduce(largest, dist.ReduceOp.MAX)
        return int(largest)

    def prepare(self, model: nn.Module) -> None:
        """Change the layers that look at the whole batch, or draw random numbers for it."""
        joined = {nn.BatchNorm2d: JoinedBatchNorm2d, nn.Dropout: JoinedDropout}
        for layer in list(model.modules()):
            for name, child in layer.named_children():
                if type(child) in joined:
                    setattr(layer, name, joined[type(child)](child, self))

    def loss(self, model: nn.Module) -> JoinedLoss:
        """Return the loss whose gradient is that of the joined batch."""
        return JoinedLoss(model, self)

    def agreed(self, function: Callable[..., T], *arguments: Any) -> T:
        """Return what a function returns here; its ExperimentError in one is raised in all."""
        error, result = None, None
        try:
            result = function(*arguments)
        except ExperimentError as raised:
            error = raised
        self.meet()
        statuses = self.gather(np.array([error.status if error else 0]))
        if not statuses.any():
            return result  # type: ignore[return-value]
        failed = int(np.flatnonzero(statuses)[0])
        text = str(error).encode() if self.rank == failed else b""
        text = bytes(self.gather(np.frombuffer(text, np.uint8))).decode()
        kinds = {kind.status: kind for kind in ERRORS}
        raise kinds[int(statuses[failed])](text if failed == 0 else f"process {failed}: {text}")

    def by_first(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Let the first process do something; the others wait."""
        if self.first:
            function(*arguments)
        self.meet()

    def meet(self) -> None:
        """Wait for all processes, however long. One that is lost ends the others by torchrun.

        It is Python that waits, so that a signal is heard.
        """
        self.meetings += 1
        name = f"meeting/{self.meetings}/"
        self.store.set(f"{name}{self.rank}", b"")
        for rank in range(self.number):
            while not self.store.check([f"{name}{rank}"]):
                time.sleep(LOOK)

    @contextmanager
    def watched(self, advice: str) -> Iterator[None]:
        """Turn what the collectives raise into the error that says it."""
        try:
            yield
        except RuntimeError as error:
            if not (isinstance(error, dist.DistError) or "gloo" in str(error)):
                raise
            raise LostProcessError(
                f"another of the {self.number} processes was lost; {advice}"
            ) from error

    def leave(self) -> None:
        """Wait for the first to have ended its work, though not for long: it may be lost.

        A process that ends with an error is ended with the others by torchrun.
        """
        if self.first:
            self.store.set("left", b"")
        end = time.monotonic() + LEAVING
        while not self.store.check(["left"]) and time.monotonic() < end:
            time.sleep(LOOK)


@contextmanager
def together(launch: Launch) -> Iterator[Together]:
    """Join the group of all processes; raise LostProcessError if one of the others is lost.

    Numbers on the CPU are exchanged by gloo, those on GPUs by NCCL. Each process has a GPU of its
    own; what is called 'cuda' in it is that one.
    """
    backend = "gloo"
    if launch.local_rank < torch.cuda.device_count():
        torch.cuda.set_device(launch.local_rank)  # before NCCL looks which it is
        backend = "cpu:gloo,cuda:nccl"
    store, rank, number = next(dist.rendezvous("env://", timeout=TIMEOUT))
    initialise = partial(dist.init_process_group, backend, rank=rank, world_size=number)
    processes = Together(launch, dist.PrefixStore("minigrad", store))
    with processes.watched("go on with what was begun: minigrad resume RUN"):
        initialise(store=dist.PrefixStore("group", store), timeout=TIMEOUT)
        try:
            yield processes
        except LostProcessError:
            raise
        except (ExperimentError, KeyboardInterrupt):  # for the most part in all of them
            processes.leave()
            raise
        dist.destroy_process_group()  # not after an error: it could wait for those that are lost

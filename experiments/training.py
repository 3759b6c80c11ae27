"""The assignment's training loop. It serves both frameworks, Digits and SVHN."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments import diagnosis
from experiments.backend import Backend
from experiments.early_stopping import EarlyStopping
from experiments.errors import TrainingError
from experiments.evaluation import evaluation
from experiments.interruption import interruptible


@dataclass(frozen=True)
class Epoch:
    """A row of the history; the mean loss in training is missing for epoch 0."""

    epoch: int
    train_nll: float | None
    val_nll: float
    val_ce: float
    seconds: float


@dataclass
class Losses:
    """The losses of an epoch's steps, and of how many examples each was the mean.

    `waiting` holds (step, loss, examples, lr) of the losses not looked at yet: a look at a GPU's
    number waits for all that the GPU was given to do, so there they are looked at now and then.
    """

    total: float = 0.0
    examples: int = 0
    waiting: list[tuple[int, Any, int, float]] = field(default_factory=list)

    def look(self, epoch: int, diagnose: Callable[[], str]) -> None:
        """Add up what is waiting; raise TrainingError for a loss that is not finite."""
        for step, loss, examples, lr in self.waiting:
            value = loss.item()
            if not math.isfinite(value):
                raise TrainingError(
                    f"the training loss is {value} in epoch {epoch}, step {step}, with learning "
                    f"rate {lr:g}: {diagnose()}; try a smaller --lr"
                )
            self.total += value * examples
            self.examples += examples
        self.waiting.clear()


@dataclass
class State:
    """All that a training is between any two of its batches: from here it can go on.

    It holds the history and the best weights so far, even of a training that was interrupted. The
    streams of random numbers are the framework's; of them it keeps where they were when the epoch
    began, for a DataLoader draws the order of the samples then, and when its evaluation began.
    """

    model: Any
    optimizer: Any
    stopping: EarlyStopping
    schedule: Any = None  # of PyTorch's kind, moved on after each step
    epoch: int = 0  # the one at hand
    step: int = 0  # how many of its batches are done
    losses: Losses = field(default_factory=Losses)  # of these batches
    history: list[Epoch] = field(default_factory=list)
    best_weights: dict[str, np.ndarray] | None = None
    random_of_epoch: dict[str, Any] | None = None
    random_before_evaluation: dict[str, Any] | None = None
    loss: Callable[[Any, Any], Any] | None = None  # of x and y, if it is not the model's own


def training(
    state: State,
    training_loader: Any,
    val_loader: Any,
    backend: Backend,
    num_epochs: int,
    print_freq: int = 10,
    save: Callable[[State], None] = lambda state: None,
) -> Iterator[Epoch]:
    """Train until patience is exhausted; yield each epoch, and leave the best weights in the model.

    Epoch 0 is the untrained network: evaluated, but no candidate for the best. `save` is called
    after each step and each epoch, when the state is one from which the training can go on.

    Raises
    ------
    TrainingError
        If the loss of a batch is not finite, or no epoch had a finite validation nll.
    """
    model, stopping = state.model, state.stopping
    while state.epoch <= num_epochs and not stopping.over:
        epoch, start = state.epoch, time.perf_counter()
        train_nll = train_epoch(state, training_loader, backend, save) if epoch else None
        # Looking at the examples draws random numbers, too: what is repeated begins here.
        if state.random_before_evaluation:
            backend.set_random_state(state.random_before_evaluation)
        state.random_before_evaluation = backend.random_state()
        val = evaluation(val_loader, model, backend, epoch, print_freq)
        if epoch and stopping.improved(val.nll):
            state.best_weights = backend.weights(model)
        row = Epoch(epoch, train_nll, val.nll, val.ce, time.perf_counter() - start)
        state.history.append(row)
        state.epoch, state.step, state.losses = epoch + 1, 0, Losses()
        state.random_of_epoch = state.random_before_evaluation = None
        save(state)
        yield row

    if state.best_weights is None:
        raise TrainingError("no epoch had a finite validation nll: try a smaller --lr")
    backend.load_weights(model, state.best_weights)


def train_epoch(
    state: State,
    loader: Any,
    backend: Backend,
    save: Callable[[State], None] = lambda state: None,
) -> float:
    """Take one step for each batch left; return the mean loss of the examples, as met on the way.

    The last batches' losses are looked at when all are done: an epoch is never half looked at.
    """
    model, optimizer, losses = state.model, state.optimizer, state.losses
    loss_of = state.loss or model
    model.train()

    def diagnose() -> str:
        return diagnosis.first_not_finite(model, x, backend)

    for batch in interruptible(remaining(loader, state, backend)):
        x, y = backend.batch(*batch)
        with backend.autocast():
            loss = loss_of(x, y)
        state.step += 1
        examples, lr = backend.processes.whole(len(y)), optimizer.param_groups[0]["lr"]
        losses.waiting.append((state.step, loss.detach(), examples, lr))
        if len(losses.waiting) == backend.look_every:
            losses.look(state.epoch, diagnose)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if state.schedule:
            state.schedule.step()
        save(state)
    losses.look(state.epoch, diagnose)
    return losses.total / losses.examples


def remaining(loader: Any, state: State, backend: Backend) -> Iterator[Any]:
    """Return the batches that are left of the epoch at hand.

    A loader whose batches are a function of the epoch gives them from any step on; any other,
    like a DataLoader, draws its order from the framework's random stream when it is used. To go on
    in the midst of an epoch it draws it again, as at the epoch's beginning.
    """
    if hasattr(loader, "epoch"):
        return loader.epoch(state.epoch, state.step)
    if state.step == 0:
        state.random_of_epoch = backend.random_state()
        return iter(loader)
    here = backend.random_state()
    backend.set_random_state(state.random_of_epoch)
    batches = iter(loader)
    for _ in range(state.step):
        next(batches)
    backend.set_random_state(here)
    return batches

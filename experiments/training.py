"""The assignment's training loop. It serves both frameworks, and later SVHN as well."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.backend import Backend
from experiments.early_stopping import EarlyStopping
from experiments.errors import TrainingError
from experiments.evaluation import evaluation


@dataclass(frozen=True)
class Epoch:
    """A row of the history; the mean loss in training is missing for epoch 0."""

    epoch: int
    train_nll: float | None
    val_nll: float
    val_ce: float
    seconds: float


@dataclass
class Trained:
    """What a training has come to so far: it holds the best weights even if interrupted."""

    stopping: EarlyStopping
    history: list[Epoch] = field(default_factory=list)
    best_weights: dict[str, np.ndarray] | None = None


def training(
    trained: Trained,
    model: Any,
    optimizer: Any,
    training_loader: Any,
    val_loader: Any,
    backend: Backend,
    num_epochs: int,
    print_freq: int = 10,
) -> Iterator[Epoch]:
    """Train until patience is exhausted; yield each epoch, and leave the best weights in the model.

    Epoch 0 is the untrained network: evaluated, but no candidate for the best.

    Raises
    ------
    TrainingError
        If the loss of a batch is not finite, or no epoch had a finite validation nll.
    """
    stopping = trained.stopping
    for epoch in range(num_epochs + 1):
        start = time.perf_counter()
        train_nll = (
            train_epoch(epoch, model, optimizer, training_loader, backend) if epoch else None
        )
        val = evaluation(val_loader, model, backend, epoch, print_freq)
        if epoch and stopping.improved(val.nll):
            trained.best_weights = backend.weights(model)
        row = Epoch(epoch, train_nll, val.nll, val.ce, time.perf_counter() - start)
        trained.history.append(row)
        yield row
        if stopping.over:
            break

    if trained.best_weights is None:
        raise TrainingError("no epoch had a finite validation nll: try a smaller --lr")
    backend.load_weights(model, trained.best_weights)


def train_epoch(epoch: int, model: Any, optimizer: Any, loader: Any, backend: Backend) -> float:
    """Take one step for each batch; return the mean loss of the examples, as met on the way."""
    model.train()
    total, examples = 0.0, 0
    for step, batch in enumerate(loader, start=1):
        x, y = backend.batch(*batch)
        loss = model(x, y)
        value = loss.item()
        if not math.isfinite(value):
            lr = optimizer.param_groups[0]["lr"]
            raise TrainingError(
                f"the training loss is {value} in epoch {epoch}, step {step}, "
                f"with learning rate {lr:g}: try a smaller --lr"
            )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += value * len(y)
        examples += len(y)
    return total / examples

"""What is timed of the training on Digits: epochs, by all libraries, and the loader."""

import argparse
from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

from experiments import digits_command
from experiments.backend import Backend
from experiments.benchmarks import peers
from experiments.benchmarks.row import Key
from experiments.benchmarks.side import Work
from experiments.benchmarks.stopwatch import stopwatch
from experiments.digits import Digits
from experiments.early_stopping import EarlyStopping
from experiments.options import Parser
from experiments.training import State, train_epoch
from pt_reference import networks

MODELS: dict[str, Callable[..., Any]] = {"MLP": networks.mlp, "CNN": networks.cnn}


def epoch_key(model: str) -> Key:
    """Return the key of an epoch, its batches made by the library's own DataLoader."""
    return Key("epochs", f"{model} epoch")


def steps_key(model: str) -> Key:
    """Return the key of an epoch's training steps, whose batches are there already."""
    return Key("epochs", f"{model} epoch's steps")


def settings() -> argparse.Namespace:
    """Return the settings with which `minigrad digits` trains by default."""
    parser = Parser()
    digits_command.add_options(parser)
    return parser.parse_args([])


class Training:
    """A network on Digits in minigrad or PyTorch, as `minigrad digits` trains it."""

    def __init__(self, framework: str, model: str) -> None:
        s = settings()
        self.backend = Backend(framework)
        self.model = self.backend.classifier(MODELS[model], s.seed)
        self.optimizer = self.backend.adamax(self.model, s.lr, s.weight_decay)
        self.loader = self.backend.loader(Digits("train"), s.batch_size, shuffle=True)
        self.first_nll = self.train(self.loader)
        self.batches = list(self.loader)

    def train(self, batches: Any) -> float:
        """Take a step for each batch; return the mean loss."""
        state = State(self.model, self.optimizer, EarlyStopping(0), epoch=1)
        return train_epoch(state, batches, self.backend)

    def load(self) -> None:
        """Make an epoch's batches, and nothing of them."""
        deque(self.loader, maxlen=0)


def epochs(framework: str) -> dict[Key, Work]:
    """Return the epochs of both networks."""
    works = {}
    for model in MODELS:
        training = Training(framework, model)
        epoch = stopwatch(partial(training.train, training.loader))
        steps = stopwatch(partial(training.train, training.batches))
        works[epoch_key(model)] = Work(epoch, loss=training.first_nll)
        works[steps_key(model)] = Work(steps, loss=training.first_nll)
    return works


def loader(framework: str) -> dict[Key, Work]:
    """Return the making of an epoch's batches; the network does not matter."""
    return {Key("loader", "DataLoader, an epoch"): Work(stopwatch(Training(framework, "MLP").load))}


def peer_epochs(peer: str, batches: int | None = None) -> dict[Key, Work]:
    """Return another library's training steps, on minigrad's initial weights and batches.

    With a number of `batches`, an epoch is only the first of them.
    """
    s, backend, works = settings(), Backend("minigrad"), {}
    for model, network in MODELS.items():
        weights = list(backend.weights(backend.classifier(network, s.seed)).values())
        loader = backend.loader(Digits("train"), s.batch_size, shuffle=True)
        trainer = peers.trainer(peer, model.lower(), weights, s.lr, s.weight_decay)
        arrays = [(x.numpy(), y.numpy()) for x, y in islice(loader, batches)]
        epoch = PeerEpoch(trainer, arrays)
        works[steps_key(model)] = Work(stopwatch(epoch), loss=epoch())
    return works


class PeerEpoch:
    """An epoch of a library's steps. Losses are looked at when it is over: some compute ahead."""

    def __init__(self, trainer: peers.Trainer, arrays: list[tuple[Any, Any]]) -> None:
        self.step = trainer.step
        self.batches = [trainer.batch(x, y) for x, y in arrays]
        self.sizes = [len(y) for _, y in arrays]

    def __call__(self) -> float:
        """Train on each batch; return the mean loss."""
        losses = [self.step(*batch) for batch in self.batches]
        total = sum(float(loss) * size for loss, size in zip(losses, self.sizes, strict=True))
        return total / sum(self.sizes)

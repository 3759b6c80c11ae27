"""One run, from its seed to its folder."""

import dataclasses
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from experiments import figures
from experiments.backend import Backend
from experiments.console import progress, say
from experiments.early_stopping import EarlyStopping
from experiments.evaluation import evaluation
from experiments.run_folder import RunFolder
from experiments.training import Epoch, Trained, training

PACKAGES = ("minigrad-teaching", "numpy", "torch", "scikit-learn", "safetensors")


@dataclass(frozen=True)
class Settings:
    """What a run is made of; the same settings on the same machine give the same numbers."""

    experiment: str
    backend: str
    model: str
    seed: int
    dtype: str
    device: str
    epochs: int
    patience: int
    lr: float
    weight_decay: float
    batch_size: int

    @property
    def name(self) -> str:
        """The name of the run's folder."""
        return f"{self.backend}-{self.model}-seed{self.seed}"

    @property
    def command(self) -> str:
        """What to type to repeat this one run."""
        options = dataclasses.asdict(self)
        experiment = options.pop("experiment")
        typed = [f"--{key.replace('_', '-')} {value}" for key, value in options.items()]
        return " ".join(["minigrad", experiment, *typed])


@dataclass(frozen=True)
class Result:
    """What came out of a run: its history, and the test of its best weights."""

    settings: Settings
    history: list[Epoch]
    best_epoch: int
    test_nll: float
    test_ce: float
    predicted: np.ndarray  # (N,) labels of the test set
    folder: Path

    @property
    def epochs(self) -> int:
        """How many epochs were trained."""
        return self.history[-1].epoch

    @property
    def seconds(self) -> float:
        """How long the epochs took."""
        return sum(row.seconds for row in self.history)


def run(
    settings: Settings,
    backend: Backend,
    network: Callable[[Any], Any],
    datasets: dict[str, Any],
    parent: Path,
    print_freq: int = 10,
) -> Result:
    """Train a network, test its best weights, and write the run's folder.

    `datasets` has 'train', 'val' and 'test'. Of a run that fails or is interrupted, the settings,
    the history and the best weights so far are in the folder.
    """
    name = f"classifier_{settings.model}"
    say(f"\n-> START {name} ({settings.backend}, seed {settings.seed}, {settings.dtype})")
    folder = RunFolder(parent, settings.name)
    folder.write_json("config.json", configuration(settings))

    model, optimizer, training_loader, val_loader = beginning(settings, backend, network, datasets)
    test_loader = backend.loader(datasets["test"], batch_size=64)

    stopping = EarlyStopping(settings.patience)
    trained = Trained(stopping)
    loop = training(
        trained,
        model,
        optimizer,
        training_loader,
        val_loader,
        backend,
        settings.epochs,
        print_freq,
    )
    try:
        # The bar counts to the epoch that will be the last one if nothing improves any more.
        with progress(settings.epochs + 1, f"{settings.backend} {settings.model}", "epoch") as bar:
            for _ in loop:
                bar.total = 1 + min(stopping.last_epoch, settings.epochs)
                bar.update()
    finally:
        rows = map(dataclasses.astuple, trained.history)
        folder.write_csv("history.csv", [f.name for f in dataclasses.fields(Epoch)], rows)
        if trained.best_weights is not None:
            folder.write_weights("best.safetensors", trained.best_weights)

    test = evaluation(test_loader, model, backend)
    result = Result(
        settings,
        trained.history,
        stopping.best_epoch,
        test.nll,
        test.ce,
        test.predicted,
        folder.path,
    )
    write_result(folder, name, result, stopping.best_nll)
    return result


def beginning(
    settings: Settings, backend: Backend, network: Callable[[Any], Any], datasets: dict[str, Any]
) -> tuple[Any, Any, Any, Any]:
    """Return what a run starts with: model, optimizer, loaders for training and validation.

    It sets the seed. The weights are drawn first, then whatever the loaders need in each epoch.
    """
    model = backend.classifier(network, settings.seed)
    optimizer = backend.adamax(model, settings.lr, settings.weight_decay)
    training_loader = backend.loader(datasets["train"], settings.batch_size, shuffle=True)
    val_loader = backend.loader(datasets["val"], batch_size=64)
    return model, optimizer, training_loader, val_loader


def write_result(folder: RunFolder, name: str, result: Result, best_val_nll: float) -> None:
    """Write the files that only a finished run has."""
    folder.write_json(
        "result.json",
        {
            "test_nll": result.test_nll,
            "test_ce": result.test_ce,
            "best_epoch": result.best_epoch,
            "best_val_nll": best_val_nll,
            "epochs": result.epochs,
            "seconds": result.seconds,
            "predicted": result.predicted,
        },
    )
    folder.write(f"{name}_test_loss.txt", f"NLL: {result.test_nll}\nCE: {result.test_ce}\n")
    for signal, curve in figures.validation_curves(result).items():
        folder.write_figure(f"{name}_{signal}_val_curve", curve)


def configuration(settings: Settings) -> dict[str, Any]:
    """Return everything that is needed to repeat a run, the machine included."""
    return {
        **dataclasses.asdict(settings),
        "command": settings.command,
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in PACKAGES},
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "threads": {pool["prefix"]: pool["num_threads"] for pool in threadpool_info()},
    }


def version(package: str) -> str | None:
    """Return the installed version of a package, without importing it; None if there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None

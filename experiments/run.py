"""One run, from its seed to its folder."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments import figures
from experiments.backend import Backend
from experiments.checkpoint import LAST, Checkpoints
from experiments.console import note, progress, say
from experiments.early_stopping import EarlyStopping
from experiments.errors import TrainingError
from experiments.evaluation import Evaluation, evaluation
from experiments.interruption import Interrupted, gentle
from experiments.options import CHECKPOINT_SECONDS
from experiments.run_folder import RunFolder
from experiments.settings import Settings, configuration
from experiments.shell import quoted
from experiments.training import Epoch, State, training


@dataclass(frozen=True)
class Result:
    """What came out of a run: its history, and the test of its best weights."""

    settings: Settings
    history: list[Epoch]
    best_epoch: int
    test_nll: float
    test_ce: float
    predicted: np.ndarray  # (N,) labels of the test set
    log_probabilities: np.ndarray  # (N, 10) of the test set
    folder: Path

    @property
    def epochs(self) -> int:
        """How many epochs were trained."""
        return self.history[-1].epoch

    @property
    def seconds(self) -> float:
        """How long the epochs took."""
        return sum(row.seconds for row in self.history)


class Beginning(NamedTuple):
    """What a run starts with.

    `each_epoch` is told of each epoch, of a resumed run those before as well; what it raises ends
    the training.
    """

    state: State
    training_loader: Any
    val_loader: Any
    test_loader: Any
    each_epoch: Callable[[Epoch], None] = lambda _: None


def run(
    settings: Settings,
    backend: Backend,
    begin: Callable[[], Beginning],
    parent: Path,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> Result:
    """Train a network, test its best weights, and write the run's folder.

    Of a run that fails or is interrupted, the settings, the history, the best weights so far and a
    checkpoint are in the folder; of one interrupted between two batches, the curves as well.
    """
    say_start("START", settings)
    folder = RunFolder(parent, settings.name)
    with folder.locked():
        folder.write_json("config.json", configuration(settings))
        checkpoints = Checkpoints(folder, settings, backend, checkpoint_seconds)
        begun = begin()
        checkpoints.write(begun.state)  # from now on it can be resumed, whatever happens
        return carry_out(settings, backend, begun, checkpoints)


def say_start(what: str, settings: Settings) -> None:
    """Print a run's first line."""
    remarks = "".join(f"; {remark}" for remark in settings.remarks)
    say(
        f"\n-> {what} {settings.label} "
        f"({settings.backend}, seed {settings.seed}, {settings.dtype}{remarks})"
    )


def carry_out(
    settings: Settings, backend: Backend, begun: Beginning, checkpoints: Checkpoints
) -> Result:
    """Train from where the state is to the end, test the best weights, and write what came out."""
    state, training_loader, val_loader, test_loader, each_epoch = begun
    folder = checkpoints.folder
    loop = training(
        state, training_loader, val_loader, backend,
        settings.epochs, settings.print_freq, checkpoints,
    )  # fmt: skip
    try:
        # The bar counts to the epoch that will be the last one if nothing improves any more.
        what = f"{settings.backend} {settings.model}"
        advice = f"to go on with one: {resume_command(folder)}"
        with (
            gentle(),
            backend.processes.watched(advice),
            progress(settings.epochs + 1, what, "epoch") as bar,
        ):
            for row in itertools.chain(state.history[:], loop):
                each_epoch(row)
                bar.total = 1 + min(state.stopping.last_epoch, settings.epochs)
                bar.update()
    except Interrupted:
        checkpoints.write(state)
        keep(folder, settings, state)
        raise
    except backend.out_of_memory as error:
        raise TrainingError(f"out of memory ({error}): try a smaller --batch-size") from error
    finally:
        checksum = write_progress(folder, state)
    checkpoints.write(state)

    test = evaluation(test_loader, state.model, backend)
    for remark in settings.remarks:
        say(f"   {remark}")
    result = finished(settings, state, test, folder.path)
    write_result(folder, result, state.stopping.best_nll, checksum)
    return result


def beginning(
    settings: Settings, backend: Backend, network: Callable[[Any], Any], datasets: dict[str, Any]
) -> Beginning:
    """Return what a run on Digits starts with; `datasets` has 'train', 'val' and 'test'.

    It sets the seed. The weights are drawn first, then whatever the loaders need in each epoch.
    """
    model = backend.classifier(network, settings.seed)
    optimizer = backend.adamax(model, settings.lr, settings.weight_decay)
    return Beginning(
        State(model, optimizer, EarlyStopping(settings.patience)),
        backend.loader(datasets["train"], settings.batch_size, shuffle=True),
        backend.loader(datasets["val"], batch_size=64),
        backend.loader(datasets["test"], batch_size=64),
    )


def finished(settings: Settings, state: State, test: Evaluation, folder: Path) -> Result:
    """Return what came out of a training and the test of its best weights."""
    return Result(
        settings,
        state.history,
        state.stopping.best_epoch,
        test.nll,
        test.ce,
        test.predicted,
        test.log_probabilities,
        folder,
    )


def write_progress(folder: RunFolder, state: State) -> str | None:
    """Write the history and the best weights so far; return the checksum of the weights.

    How long an epoch took stands in a file of its own: the history of a run that was killed and
    resumed is, to the byte, that of one that was not.
    """
    rows = [(row.epoch, row.train_nll, row.val_nll, row.val_ce) for row in state.history]
    folder.write_csv("history.csv", ("epoch", "train_nll", "val_nll", "val_ce"), rows)
    seconds = [(row.epoch, row.seconds) for row in state.history]
    folder.write_csv("seconds.csv", ("epoch", "seconds"), seconds)
    if state.best_weights is None:
        return None
    return folder.write_weights("best.safetensors", state.best_weights)


def keep(folder: RunFolder, settings: Settings, state: State) -> None:
    """Draw what there is of an interrupted run, and say what is kept of it."""
    kept = [LAST, "history.csv"]
    if state.best_weights is not None:
        nothing = Evaluation(math.nan, math.nan, np.empty(0), np.empty((0, 10)))
        write_curves(folder, finished(settings, state, nothing, folder.path))
        kept += [f"best.safetensors (epoch {state.stopping.best_epoch})", "the curves"]
    where = f"in epoch {state.epoch}, after {state.step} of its steps"
    note(f"interrupted {where}; kept in {folder.path}: {', '.join(kept)}")
    note(f"to go on: {resume_command(folder)}")


def resume_command(folder: RunFolder) -> str:
    """Return what to type to go on with a run."""
    return f"minigrad resume {quoted(folder.path)}"


def write_result(
    folder: RunFolder, result: Result, best_val_nll: float, checksum: str | None
) -> None:
    """Write the files that only a finished run has."""
    folder.write_array("predictions.npy", result.log_probabilities)
    write_curves(folder, result)
    lines = [f"NLL: {result.test_nll}", f"CE: {result.test_ce}", *result.settings.remarks]
    folder.write(f"{result.settings.label}_test_loss.txt", "\n".join(lines) + "\n")
    folder.write_json(
        "result.json",
        {
            "test_nll": result.test_nll,
            "test_ce": result.test_ce,
            "best_epoch": result.best_epoch,
            "best_val_nll": best_val_nll,
            "epochs": result.epochs,
            "seconds": result.seconds,
            "remarks": result.settings.remarks,
            "sha256": {"best.safetensors": checksum},
        },
    )


def write_curves(folder: RunFolder, result: Result) -> None:
    """Write the validation curves."""
    for signal, curve in figures.validation_curves(result).items():
        folder.write_figure(f"{result.settings.label}_{signal}_val_curve", curve)

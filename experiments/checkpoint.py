"""What a training is made of at a moment, kept so that it can go on from there to the bit.

The order of the samples is a function of what is kept. SVHN's is one of (seed, epoch). Digits keeps
the assignment's: drawn from the framework's stream, whose state at the epoch's beginning is kept.
"""

import dataclasses
import time
from pathlib import Path
from typing import Any

from experiments import checkpoint_file
from experiments.backend import Backend
from experiments.console import note
from experiments.errors import CheckpointError, NewerFormatError
from experiments.finished_run import fitting, read_json
from experiments.options import CHECKPOINT_SECONDS
from experiments.run_folder import RunFolder
from experiments.settings import Settings, configuration
from experiments.training import Epoch, Losses, State
from pt_reference import weights

LAST, PREVIOUS = "last.ckpt", "prev.ckpt"

# Where any of these differs, sums may be made in another order: equal up to rounding, not to the
# bit.
MACHINE = ("versions", "platform", "cpus", "thread_pools", "processes", "device")


class Checkpoints:
    """The two newest checkpoints of a run: `last.ckpt`, and `prev.ckpt` should it be damaged.

    Calling it after a step or an epoch writes one when the last is `seconds` old.
    """

    def __init__(
        self,
        folder: RunFolder,
        settings: Settings,
        backend: Backend,
        seconds: float = CHECKPOINT_SECONDS,
    ) -> None:
        self.folder, self.settings, self.backend, self.seconds = folder, settings, backend, seconds
        self.machine = machine(settings, backend)
        self.written = time.monotonic()
        self.damaged = False  # whether `last.ckpt` is

    def __call__(self, state: State) -> None:
        """Write a checkpoint if it is time."""
        if time.monotonic() - self.written >= self.seconds:
            self.write(state)

    def write(self, state: State) -> None:
        """Write a checkpoint; the one before becomes `prev.ckpt`, unless it is damaged.

        Of several processes, the first does it.
        """
        if not self.backend.processes.first:
            return
        content = self.machine | {
            "settings": dataclasses.asdict(self.settings),
            "state": kept(state, self.backend),
        }
        last, previous = (self.folder.path / name for name in (LAST, PREVIOUS))

        def set_aside() -> None:
            if last.exists() and not self.damaged:
                last.replace(previous)

        checkpoint_file.write(last, content, before=set_aside)
        self.written, self.damaged = time.monotonic(), False


def read(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Read the newest checkpoint of a run that is whole, and say so if it is not the last.

    Raises CheckpointError if none is, or the last is a newer minigrad's. To start anew instead, or
    from the one before, would be to lose, unnoticed, what the run had done.
    """
    if not any((folder / name).exists() for name in (LAST, PREVIOUS)):
        command = read_json(folder / "config.json").get("command")
        raise CheckpointError(
            f"{folder} has no checkpoint: the run had not begun; start it again: {command}"
        )
    wrong = []
    for name in (LAST, PREVIOUS):
        try:
            content = checkpoint_file.read(folder / name)
        except NewerFormatError:
            raise  # to go on from the one before would be to write over it
        except CheckpointError as error:
            wrong.append(str(error))
            continue
        if wrong:
            note(f"{wrong[0]}: going on from {name}, the checkpoint before")
        return folder / name, content
    raise CheckpointError(f"no checkpoint to go on from: {'; '.join(wrong)}")


def kept(state: State, backend: Backend) -> dict[str, Any]:
    """Return a state as plain containers and arrays."""
    return {
        "epoch": state.epoch,
        "step": state.step,
        "losses": {
            "total": state.losses.total,
            "examples": state.losses.examples,
            "waiting": [(n, backend.array(loss), *rest) for n, loss, *rest in state.losses.waiting],
        },
        "history": [dataclasses.astuple(row) for row in state.history],
        "stopping": vars(state.stopping).copy(),
        "model": backend.weights(state.model),
        "best": state.best_weights,
        "optimizer": weights.arrays(state.optimizer.state_dict()),
        "schedule": state.schedule and state.schedule.state_dict(),
        "random": state.random_before_evaluation or backend.random_state(),
        "random_of_epoch": state.random_of_epoch,
    }


def restore(state: State, content: dict[str, Any], backend: Backend, path: Path) -> None:
    """Give a training that is about to begin the state of a checkpoint.

    Raises CheckpointError, naming what does not fit, for one of another network or with weights
    that are not finite.
    """
    try:
        content = content["state"]
        fitting(content["model"], state.model, path)
        if content["best"] is not None:
            fitting(content["best"], state.model, path)
        backend.load_weights(state.model, content["model"])
        weights.load(state.optimizer, content["optimizer"])
        if state.schedule:
            state.schedule.load_state_dict(content["schedule"])
        state.best_weights = content["best"]
        state.epoch, state.step = content["epoch"], content["step"]
        state.losses = Losses(**content["losses"])
        state.history = [Epoch(*row) for row in content["history"]]
        vars(state.stopping).update(content["stopping"])
        state.random_of_epoch = content["random_of_epoch"]
        backend.set_random_state(content["random"])
    except (AttributeError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{path} does not fit this run ({type(error).__name__}: {error})"
        ) from error


def check_settings(content: dict[str, Any], settings: Settings, path: Path) -> None:
    """Raise CheckpointError, naming the keys, for a checkpoint of a run with other settings."""
    there, here = content.get("settings", {}), plain(dataclasses.asdict(settings))
    there = plain(there)
    wrong = [
        f"{key} is {there.get(key)!r}, not {here.get(key)!r}"
        for key in sorted(there.keys() | here.keys())
        if there.get(key) != here.get(key)
    ]
    if wrong:
        raise CheckpointError(f"{path} is of a run with other settings: {'; '.join(wrong)}")


def plain(node: Any) -> Any:
    """Return containers with lists in place of tuples, for a file knows only one of them."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    return [plain(value) for value in node] if isinstance(node, list | tuple) else node


def machine(settings: Settings, backend: Backend) -> dict[str, Any]:
    """Return what the last bits of a number may depend on."""
    found = configuration(settings) | {"device": backend.device}
    return {"machine": {key: found[key] for key in MACHINE}}


def say_if_elsewhere(content: dict[str, Any], here: dict[str, Any]) -> None:
    """Say so if a checkpoint comes from a machine on which numbers may round otherwise."""
    before, now = plain(content.get("machine", {})), plain(here["machine"])
    differences = []
    for key in MACHINE:
        one, other = before.get(key), now[key]
        if isinstance(one, dict) and isinstance(other, dict):
            differences += [
                f"{name} {one.get(name)} then, {other.get(name)} now"
                for name in sorted(one.keys() & other.keys())  # what both have loaded
                if one.get(name) != other.get(name)
            ]
        elif one != other:
            differences.append(f"{key} {one} then, {other} now")
    if differences:
        note(
            "bit-identity with the run as it was begun is not promised, equality up to rounding "
            f"is: {'; '.join(differences)}"
        )

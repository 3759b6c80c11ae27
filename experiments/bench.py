"""Minigrad beside PyTorch: the same training, in one process, on one thread each.

The result of each row is a ratio. Milliseconds say as much about the machine.
"""

import argparse
import json
import os
import platform
from collections import deque
from functools import partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

from experiments import atomic, digits_command
from experiments.backend import NAMES, Backend, backends
from experiments.console import progress, say
from experiments.digits import Digits
from experiments.digits_experiment import NETWORKS
from experiments.early_stopping import EarlyStopping
from experiments.errors import UsageError
from experiments.options import Parser
from experiments.report import table
from experiments.settings import version
from experiments.stopwatch import Race, import_seconds, processor, stopwatch
from experiments.threads import one_thread
from experiments.training import State, train_epoch


class Training:
    """A network on Digits in one framework, as `minigrad digits` trains it by default."""

    def __init__(self, backend: Backend, model: str, settings: argparse.Namespace) -> None:
        self.backend = backend
        self.model = backend.classifier(NETWORKS[model], settings.seed)
        self.optimizer = backend.adamax(self.model, settings.lr, settings.weight_decay)
        self.loader = backend.loader(Digits("train"), settings.batch_size, shuffle=True)
        self.first_nll = self.epoch()  # not timed: the first epoch is slower than all others
        self.batches = list(self.loader)

    def state(self) -> State:
        """Return the training at the beginning of an epoch."""
        return State(self.model, self.optimizer, EarlyStopping(0), epoch=1)

    def epoch(self) -> float:
        """Train an epoch; return its mean loss."""
        return train_epoch(self.state(), self.loader, self.backend)

    def steps(self) -> float:
        """Train an epoch whose batches are there already."""
        return train_epoch(self.state(), self.batches, self.backend)

    def load(self) -> None:
        """Make an epoch's batches, and nothing of them."""
        deque(self.loader, maxlen=0)


def bench(options: argparse.Namespace) -> None:
    """Do what `minigrad bench` was asked for; `options` are those of `bench_command`."""
    if options.json:
        check_writable(options.json)
    models = list(NETWORKS) if options.model == "both" else [options.model]
    Digits("train")  # loads scikit-learn, whose libraries have threads as well, ...
    backends(NAMES, "cpu", "float32")  # ... as PyTorch has
    with one_thread():
        trainings = {model: pair(model) for model in models}
        races = [race for model in models for race in training_races(model, *trainings[model])]
        imports = Race("import", *(partial(import_seconds, m) for m in ("minigrad", "numpy")))
        with progress(options.repeat, "minigrad and PyTorch in turns", "turn") as bar:
            for _ in range(options.repeat):
                for race in [*races, imports]:
                    race.turn()
                bar.update()
        machine = describe_machine()

    first_nll = {
        model: {t.backend.name: t.first_nll for t in both} for model, both in trainings.items()
    }
    say(text(races, imports, first_nll, machine))
    if options.json:
        content = {
            "races": [as_data(race, "torch") for race in races],
            "import": as_data(imports, "numpy"),
            "first_epoch_nll": first_nll,
            "machine": machine,
        }
        atomic.write(options.json, json.dumps(content, indent=2) + "\n")


def pair(model: str) -> list[Training]:
    """Return the training of a model in minigrad and in PyTorch: same weights, same batches."""
    parser = Parser()
    digits_command.add_options(parser)
    settings = parser.parse_args([])
    frameworks = backends(NAMES, settings.device, settings.dtype)
    return [Training(backend, model, settings) for backend in frameworks]


def training_races(model: str, ours: Training, theirs: Training) -> list[Race]:
    """Return what is timed of a model: its epoch, and the two parts of that."""
    return [
        Race(f"{model} epoch", stopwatch(ours.epoch), stopwatch(theirs.epoch)),
        Race(f"{model} training steps", stopwatch(ours.steps), stopwatch(theirs.steps)),
        Race(f"{model} loader", stopwatch(ours.load), stopwatch(theirs.load)),
    ]


def text(
    races: list[Race],
    imports: Race,
    first_nll: dict[str, dict[str, float]],
    machine: dict[str, Any],
) -> str:
    """Return what is printed."""
    header = ["Digits", "minigrad / PyTorch", "half of the turns", "minigrad ms", "PyTorch ms"]
    versions = (f"{name} {number}" for name, number in machine["versions"].items())
    ratio, low_to_high, ours, theirs = cells(imports)
    threads = max(n for _, n in machine["threads"])
    return "\n".join(
        [
            table(header, [[race.what, *cells(race)] for race in races]),
            "",
            f"import minigrad / import numpy: {ratio} ({low_to_high}), {ours} and {theirs} ms",
            "",
            f"Each number is a median, of {len(imports.seconds)} turns.",
            *(
                f"First {model} epoch, mean loss: "
                f"minigrad {nll['minigrad']:.6f}, PyTorch {nll['torch']:.6f}"
                for model, nll in first_nll.items()
            ),
            ", ".join(versions),
            f"{machine['processor']}, {machine['cpus']} CPUs, threads used: {threads}",
        ]
    )


def cells(race: Race) -> list[str]:
    """Return the ratio, its quartiles, and both times in milliseconds."""
    low, high = race.quartiles
    milliseconds = (f"{1000 * seconds:.1f}" for seconds in race.medians)
    return [f"{race.ratio:.2f}", f"{low:.2f} to {high:.2f}", *milliseconds]


def as_data(race: Race, peer: str) -> dict[str, Any]:
    """Return a race with all its turns, for --json."""
    ours, theirs = zip(*race.seconds, strict=True)
    return {
        "what": race.what,
        "ratio": race.ratio,
        "quartiles": race.quartiles,
        "seconds": {"minigrad": ours, peer: theirs},
    }


def describe_machine() -> dict[str, Any]:
    """Return versions, processor and thread counts, as they are while the races run."""
    import torch

    return {
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in ("minigrad-teaching", "numpy", "torch")},
        "processor": processor(),
        "cpus": os.cpu_count(),
        # Some libraries are loaded twice: NumPy and SciPy have an OpenBLAS each.
        "threads": [("torch", torch.get_num_threads())]
        + [(pool["prefix"], pool["num_threads"]) for pool in threadpool_info()],
    }


def check_writable(path: Path) -> None:
    """Raise UsageError unless the file can be written; asked before anything is timed."""
    is_new = not path.exists()
    try:
        path.open("a").close()
    except OSError as error:
        raise UsageError(f"--json {path}: {error.strerror}; name another file") from error
    if is_new:
        path.unlink()

"""`minigrad svhn` beside the published notebook's loop: the same network, the same batch size.

Each side computes in a process of its own, as it would alone: they share neither memory that was
given back nor a library's settings. They take turns, and one never computes while the other does.
"""

import argparse
import json
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.io import savemat

from experiments import atomic, svhn_command
from experiments.bench import as_data, cells, check_writable, describe_machine
from experiments.console import progress, say
from experiments.options import Parser
from experiments.report import table
from experiments.stopwatch import Race, stopwatch
from experiments.svhn.official import FILES
from experiments.threads import threads

STEPS = 10  # in a turn
IMAGES = 2900  # of random ones: for training 10 batches of 256, and some


# Makes, for the files of a folder, what trains a number of steps.
Make = Callable[[Path, int], Callable[[], Any]]


def bench(options: argparse.Namespace) -> None:
    """Do what `minigrad bench --svhn` was asked for; `options` are those of `bench_command`."""
    if options.json:
        check_writable(options.json)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.data or made_up(Path(temporary))
        with Side(our_loop, folder, STEPS) as ours, Side(assignment_loop, folder, STEPS) as theirs:
            races = [
                Race(f"{n} thread{'s' * (n > 1)}", ours.on(n), theirs.on(n))
                for n in sorted({1, os.cpu_count() or 1})
            ]
            with progress(options.repeat, "ours and the assignment's in turns", "turn") as bar:
                for _ in range(options.repeat):
                    for race in races:
                        race.turn()
                    bar.update()
    machine = describe_machine()
    say(text(races, machine))
    if options.json:
        races = [as_data(race, "assignment") for race in races]
        content = {"races": races, "steps": STEPS, "machine": machine}
        atomic.write(options.json, json.dumps(content, indent=2) + "\n")


def made_up(folder: Path) -> Path:
    """Write data files of random images, and return their folder."""
    rng = np.random.default_rng(0)
    for split, count in (("train", IMAGES), ("test", 64)):
        images = rng.integers(0, 256, (32, 32, 3, count), np.uint8)
        labels = rng.integers(1, 11, (count, 1), np.uint8)
        savemat(folder / FILES[split].name, {"X": images, "y": labels})
    return folder


def our_loop(folder: Path, steps: int) -> Callable[[], Any]:
    """Return the published network's training as `minigrad svhn` does it, so many steps a call."""
    from experiments.backend import Backend
    from experiments.svhn.protocol import split
    from experiments.svhn_experiment import beginning, opened, settings_of
    from experiments.training import Losses, train_epoch

    parser = Parser()
    svhn_command.add_options(parser)
    options = parser.parse_args(["--data", str(folder), "--subset"])
    files = opened(options)
    settings = settings_of(options, files, "cpu", "published", seed=0)
    backend = Backend("torch")
    examples = split(settings.protocol, files, settings.seed, settings.val_fraction)
    state, loader, _, _ = beginning(settings, backend, examples)
    first = SimpleNamespace(epoch=lambda *place: islice(loader.epoch(*place), steps))

    def train() -> None:
        state.epoch, state.step, state.losses = state.epoch + 1, 0, Losses()
        train_epoch(state, first, backend)

    return train


def assignment_loop(folder: Path, steps: int) -> Callable[[], Any]:
    """Return the published network's training as the notebook did it, so many steps a call."""
    from experiments.assignment_loop import AssignmentLoop

    loop = AssignmentLoop(folder / FILES["train"].name)
    return lambda: loop.train(steps)


class Side:
    """A process that trains when it is told to, and says how long that took."""

    def __init__(self, make: Make, folder: Path, steps: int) -> None:
        self.steps = steps
        self.connection, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(make, folder, steps, theirs), daemon=True
        )
        self.process.start()
        theirs.close()
        if (error := self.connection.recv()) is not None:
            raise error

    def __enter__(self) -> "Side":
        return self

    def __exit__(self, *_: Any) -> None:
        self.connection.close()  # the process comes to its end by itself, and leaves nothing open
        self.process.join()

    def on(self, number: int) -> Callable[[], float]:
        """Return a function that trains on so many threads and returns the seconds of a step."""

        def turn() -> float:
            self.connection.send(number)
            return self.connection.recv() / self.steps

        return turn


def serve(make: Make, folder: Path, steps: int, connection: Any) -> None:
    """Be a side: begin, and train whenever a number of threads is received."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the command, and with it its sides
    try:
        train = make(folder, steps)
        train()  # not timed: the first steps are slower than all others
    except Exception as error:
        connection.send(error)
        return
    connection.send(None)
    with suppress(EOFError):  # the command has come to its end
        while True:
            with threads(connection.recv()):
                connection.send(stopwatch(train)())


def text(races: list[Race], machine: dict[str, Any]) -> str:
    """Return what is printed."""
    header = ["SVHN, a step", "ours / the assignment's", "half of the turns", "ours ms", "its ms"]
    versions = (f"{name} {number}" for name, number in machine["versions"].items())
    return "\n".join(
        [
            table(header, [[race.what, *cells(race)] for race in races]),
            "",
            "A step of training the published network with 256 images, their batch included.",
            f"Each number is a median, of {len(races[0].seconds)} turns of {STEPS} steps.",
            ", ".join(versions),
            f"{machine['processor']}, {machine['cpus']} CPUs",
        ]
    )

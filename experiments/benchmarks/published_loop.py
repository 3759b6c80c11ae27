"""`minigrad bench --svhn`: `minigrad svhn` beside the published notebook's loop.

The same network, the same batch size; a training step, its batch included.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.io import savemat

from experiments import svhn_command
from experiments.benchmarks.output import check_writable, write_json
from experiments.benchmarks.report import threads_text
from experiments.benchmarks.row import Key, Row
from experiments.benchmarks.side import Side, Work
from experiments.benchmarks.stopwatch import describe_machine, machine_line, stopwatch
from experiments.console import progress, say
from experiments.options import Parser
from experiments.report import table
from experiments.svhn.official import FILES

STEPS = 10  # in a turn
IMAGES = 2900  # of random ones: for training 10 batches of 256, and some
STEP = Key("svhn", "a training step")
OURS, THEIRS = "minigrad", "assignment"


def bench(options: argparse.Namespace) -> None:
    """Do what `minigrad bench --svhn` was asked for; `options` are those of `bench_command`."""
    check_writable("--json", options.json)
    rows = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.data or made_up(Path(temporary))
        for threads in sorted({1, os.cpu_count() or 1}):
            rows[threads] = compare(folder, threads, options.repeat)
    machine = describe_machine()
    say(text(rows, machine))
    races = [row.data() | {"threads": threads} for threads, row in rows.items()]
    write_json(options.json, {"races": races, "steps": STEPS, "machine": machine})


def compare(folder: Path, threads: int, turns: int) -> Row:
    """Let both train in turns on a number of threads."""
    row = Row(STEP)
    with ExitStack() as stack:
        makers = {OURS: our_loop, THEIRS: assignment_loop}
        sides = {
            name: stack.enter_context(Side(partial(steps, make, folder, STEPS), threads))
            for name, make in makers.items()
        }
        label = f"ours and the assignment's in turns, on {threads_text(threads)}"
        with progress(turns, label, "turn") as bar:
            for _ in range(turns):
                for name, side in sides.items():
                    row.add(name, side.turn(STEP) / STEPS)
                bar.update()
    return row


def steps(make: Callable[[Path, int], Any], folder: Path, number: int) -> dict[Key, Work]:
    """Return the training of a number of steps; the first ones are not timed: they are slower."""
    train = make(folder, number)
    train()
    return {STEP: Work(stopwatch(train), calls=1)}


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
    state, loader, *_ = beginning(settings, backend, examples)
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


def text(rows: dict[int, Row], machine: dict[str, Any]) -> str:
    """Return what is printed."""
    header = ["SVHN, a step", "ours / the assignment's", "half of the turns", "ours ms", "its ms"]
    lines = []
    for threads, row in rows.items():
        low, high = row.quartiles(OURS, THEIRS)
        ratios = [f"{row.ratio(OURS, THEIRS):.2f}", f"{low:.2f} to {high:.2f}"]
        milliseconds = [f"{1000 * row.median(name):.1f}" for name in (OURS, THEIRS)]
        lines.append([threads_text(threads), *ratios, *milliseconds])
    turns = len(next(iter(rows.values())).taken[OURS])
    return "\n".join(
        [
            table(header, lines),
            "",
            "A step of training the published network with 256 images, their batch included.",
            f"Each number is a median, of {turns} turns of {STEPS} steps.",
            machine_line(machine),
        ]
    )

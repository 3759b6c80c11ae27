"""Runs on a few digits, as short as a run can be that has more than one epoch."""

import json
import shutil
from functools import partial
from unittest import mock

from experiments import cli, digits_experiment
from experiments import run as running
from experiments.backend import Backend
from experiments.digits import Digits
from experiments.run import beginning, run
from experiments.settings import Settings
from experiments.threads import one_thread
from pt_reference import networks

EXAMPLES = {"train": 20, "val": 10, "test": 10}  # 3 batches of 8, the last one short
COMPARED = ("history.csv", "best.safetensors", "predictions.npy")


def few_digits():
    """The digits' first examples: the order in which they are trained with counts all the same."""
    parts = {}
    for name, count in EXAMPLES.items():
        parts[name] = Digits(name)
        parts[name].data = parts[name].data[:count]
        parts[name].targets = parts[name].targets[:count]
    return parts


def start(backend="minigrad", parent=None, seconds=0.0, **changes):
    """Run, with a checkpoint after every step, and return the folder. No curves are drawn."""
    chosen = {"seed": 3, "dtype": "float32", "epochs": 2, "patience": 20, "lr": 1e-2}
    chosen |= {"weight_decay": 1e-5, "batch_size": 8, "device": "cpu"} | changes
    settings = Settings(experiment="digits", backend=backend, model="mlp", **chosen)
    framework = Backend(backend, settings.device, settings.dtype)
    begin = partial(beginning, settings, framework, networks.mlp, few_digits())
    with one_thread(), mock.patch.object(running, "write_curves"):
        return run(settings, framework, begin, parent, seconds).folder


def resume(folder, *options, seconds="0"):
    """Type `minigrad resume FOLDER`; return the exit status."""
    with (
        mock.patch.object(digits_experiment, "all_digits", few_digits),
        mock.patch.object(running, "write_curves"),
    ):
        return cli.main(["resume", str(folder), "--checkpoint-seconds", seconds, *options])


def status_of(work):
    """Return the exit status of the command line, were this the command's work."""

    def command(_):
        work()
        return 0

    with mock.patch.object(cli, "command", command):
        return cli.main([])


def outcome(folder):
    """What a run gave: the files that are the same to the byte, and the result without times."""
    result = json.loads((folder / "result.json").read_text())
    del result["seconds"]
    return [(folder / name).read_bytes() for name in COMPARED], result


def copied(folder, to):
    """Return a copy of a run's folder, as a killed process would have left it."""
    shutil.rmtree(to, ignore_errors=True)
    return shutil.copytree(folder, to)

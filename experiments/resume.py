"""A run goes on from its last checkpoint: on the same machine to the same end, bit for bit."""

import argparse
import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from experiments import checkpoint
from experiments.backend import Backend, find_device
from experiments.checkpoint import Checkpoints
from experiments.console import note, say
from experiments.errors import CheckpointError, UsageError
from experiments.finished_run import FinishedRun, read_json, settings_from
from experiments.processes import current
from experiments.run import Beginning, Result, carry_out, say_start
from experiments.run_folder import RunFolder
from experiments.settings import Settings
from experiments.svhn.settings import SVHNSettings


def resume(options: argparse.Namespace) -> None:
    """Do what `minigrad resume` was asked for; `options` are those of `resume_command`."""
    settings = settings_from(read_json(options.run / "config.json"), options.run)
    if options.data and not isinstance(settings, SVHNSettings):
        raise UsageError("--data is for SVHN: the digits come with scikit-learn")
    check_shared(settings)
    folder = RunFolder.at(options.run)
    with folder.locked():
        finished = (options.run / "result.json").exists()
        if finished:
            say(already_finished(FinishedRun.read(options.run)))
            if not isinstance(settings, SVHNSettings) or (options.run / "report.md").exists():
                return
        rest = partial(rest_of, settings, folder, options.checkpoint_seconds)
        device = options.device or settings.device
        if settings.backend == "torch":
            device = find_device(device, settings.dtype)
        if isinstance(settings, SVHNSettings):
            from experiments.svhn_experiment import go_on, report_again

            where = dataclasses.replace(settings, data=options.data or Path(settings.data))
            files = current().agreed(files_of, settings, where)
            if finished:
                report_again(settings, files, device, options.run)
            else:
                go_on(settings, files, device, rest)
        else:
            from experiments.digits_experiment import go_on as go_on_with_digits

            go_on_with_digits(settings, device, rest)


def already_finished(run: FinishedRun) -> str:
    """Say what came out of a finished run."""
    result = run.result
    return (
        f"{run.folder} is already finished: epoch {result['best_epoch']} of {result['epochs']} was "
        f"the best, test nll={result['test_nll']}, ce={result['test_ce']}"
    )


def rest_of(
    settings: Settings,
    folder: RunFolder,
    checkpoint_seconds: float,
    backend: Backend,
    begin: Callable[[], Beginning],
) -> Result:
    """Do the rest of a run, in its own folder."""
    path, content = checkpoint.read(folder.path)
    checkpoint.check_settings(content, settings, path)
    checkpoints = Checkpoints(folder, settings, backend, checkpoint_seconds)
    checkpoints.damaged = path.name != checkpoint.LAST
    begun = begin()
    checkpoint.restore(begun.state, content, backend, path)
    say_start("RESUME", settings)
    state = begun.state
    note(f"going on from epoch {state.epoch}, after {state.step} of its steps, as in {path}")
    checkpoint.say_if_elsewhere(content, checkpoints.machine)
    return carry_out(settings, backend, begun, checkpoints)


def check_shared(settings: Settings) -> None:
    """Raise UsageError if several processes are there for a run that they cannot share."""
    if current().number == 1:
        return
    if not isinstance(settings, SVHNSettings):
        raise UsageError("a run on Digits is for one process: leave torchrun out")
    from experiments.svhn.shared import check

    check(settings, current())


def files_of(settings: SVHNSettings, where: SVHNSettings) -> Mapping[str, Any]:
    """Open the data files, which must be those that the run began with, wherever they are now."""
    from experiments.svhn_experiment import opened

    files = opened(where)
    for file, before in zip(files.values(), settings.data_files, strict=True):
        if file.source.md5 != before["md5"]:
            raise CheckpointError(
                f"{file.source.path} is not the file that the run began with: its md5 is "
                f"{file.source.md5}, not {before['md5']}; name the folder with --data"
            )
    return files

"""The best weights of a run, evaluated once more; the final line is the run's."""

import argparse
from pathlib import Path
from typing import Any

from experiments.backend import Backend, find_device
from experiments.console import note, say
from experiments.digits import Digits
from experiments.errors import UsageError
from experiments.evaluation import Evaluation, evaluation
from experiments.finished_run import FinishedRun
from experiments.threads import threads


def retest(options: argparse.Namespace) -> None:
    """Do what `minigrad test` was asked for; `options` are those of `test_command`."""
    run = FinishedRun.read(options.run)
    settings = run.settings
    device = options.device or settings.device
    if settings.backend == "torch":
        device = find_device(device, settings.dtype)
    backend = Backend(settings.backend, device, settings.dtype)
    if settings.experiment == "svhn":
        number, loader = settings.threads, house_numbers(run, options.data, device)
    elif options.data:
        raise UsageError("--data is for SVHN: the digits come with scikit-learn")
    else:
        number, loader = 1, backend.loader(Digits("test"), batch_size=64)
    with threads(number):  # after the libraries are loaded
        test = evaluation(loader, run.model(backend), backend)
    for remark in settings.remarks:
        say(f"   {remark}")
    note(comparison(run, test))


def house_numbers(run: FinishedRun, data: Path | None, device: str) -> Any:
    """Return the batches of the test images, and say so if they are not the run's."""
    from experiments.svhn.batches import Batches
    from experiments.svhn.dataset import SVHN
    from experiments.svhn.protocol import whole
    from experiments.svhn_experiment import EVALUATION_BATCH

    test = SVHN(data or run.settings.data, "test", subset=run.settings.subset)
    expected = {file["name"]: file["md5"] for file in run.settings.data_files}
    if test.source.md5 != expected.get(test.source.file):
        note(f"{test.source.path} is not the file that the run was tested on")
    return Batches(whole(test), EVALUATION_BATCH, device)


def comparison(run: FinishedRun, test: Evaluation) -> str:
    """Say whether the values are the run's."""
    before = run.result.get("test_nll"), run.result.get("test_ce")
    if (test.nll, test.ce) == before:
        return f"the same as in {run.folder / 'result.json'}"
    return f"{run.folder / 'result.json'} has nll={before[0]}, ce={before[1]}"

"""One trial's run: the very run that the experiment's own command makes."""

from argparse import Namespace
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from experiments.backend import Backend
from experiments.console import note
from experiments.errors import CheckpointError, InUseError, NewerFormatError
from experiments.resume import rest_of
from experiments.run import Beginning, Result, run
from experiments.run_folder import RunFolder
from experiments.settings import Settings
from experiments.threads import one_thread, threads
from experiments.training import Epoch

EachEpoch = Callable[[Epoch], None]
Begin = Callable[[], Beginning]


@dataclass(frozen=True)
class Runs:
    """What an experiment does for a sweep.

    `plan` returns what a trial's run is made of, of the options drawn; `data` says which data files
    it trains on, `threads` limits what it computes on.
    """

    plan: Callable[[Namespace], tuple[Settings, Backend, Begin]]
    data: Any
    threads: Callable[[], AbstractContextManager[None]]

    def do(self, options: Namespace, folder: Path, each_epoch: EachEpoch) -> Result:
        """Do a trial's run below a folder, or the rest of the one there; tell of each epoch."""
        settings, backend, plain = self.plan(options)

        def begin() -> Beginning:
            return plain()._replace(each_epoch=each_epoch)

        for before in runs_in(folder)[:1]:
            there = RunFolder.at(before)
            try:
                with there.locked():
                    return rest_of(settings, there, options.checkpoint_seconds, backend, begin)
            except (InUseError, NewerFormatError):
                raise
            except CheckpointError as error:
                note(f"{error}; the trial begins anew")
        return run(settings, backend, begin, folder, options.checkpoint_seconds)


def runs_in(folder: Path) -> list[Path]:
    """Return the runs in a folder, the newest first."""
    there = folder.glob("*/config.json")
    return [p.parent for p in sorted(there, key=lambda p: p.stat().st_mtime_ns, reverse=True)]


def opened(options: Namespace) -> Runs:
    """Open the data of an experiment, or say what is wrong with them before anything is trained.

    `options` are those of a sweep, and the network where it is fixed.
    """
    return {"digits": _digits, "svhn": _svhn}[options.experiment](options)


def _digits(options: Namespace) -> Runs:
    from experiments import digits_experiment as digits
    from experiments.backend import backends
    from experiments.run import beginning

    (backend,) = backends([options.backend], options.device, options.dtype)
    datasets = digits.all_digits()

    def plan(drawn: Namespace) -> tuple[Settings, Backend, Begin]:
        settings = digits.settings_of(drawn, backend, drawn.model, drawn.seed)
        network = digits.NETWORKS[drawn.model]
        return settings, backend, partial(beginning, settings, backend, network, datasets)

    return Runs(plan, None, one_thread)


def _svhn(options: Namespace) -> Runs:
    from experiments import svhn_experiment as svhn

    files, device = svhn.prepared(options)
    data = [svhn.described(file) for file in files.values()]
    number = options.threads or max(1, svhn.number_of_threads(options) // options.jobs)

    def plan(drawn: Namespace) -> tuple[Settings, Backend, Begin]:
        drawn.threads = number
        settings = svhn.settings_of(drawn, files, device, drawn.model, drawn.seed)
        backend, examples = svhn.backend_of(settings), svhn.examples_of(settings, files)
        return settings, backend, partial(svhn.beginning, settings, backend, examples)

    return Runs(plan, data, partial(threads, number))

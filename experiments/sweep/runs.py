"""One trial's run: the very run that the experiment's own command makes."""

from argparse import Namespace
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from experiments.run import Result
from experiments.threads import one_thread, threads
from experiments.training import Epoch

EachEpoch = Callable[[Epoch], None]


@dataclass(frozen=True)
class Runs:
    """What an experiment does for a sweep.

    `run` does a trial's run with the options drawn, below a folder, and tells of each epoch;
    `data` says which data files it trains on, `threads` limits what it computes on.
    """

    run: Callable[[Namespace, Path, EachEpoch], Result]
    data: Any
    threads: Callable[[], AbstractContextManager[None]]


def opened(options: Namespace) -> Runs:
    """Open the data of an experiment, or say what is wrong with them before anything is trained.

    `options` are those of a sweep, and the network where it is fixed.
    """
    return {"digits": _digits, "svhn": _svhn}[options.experiment](options)


def _digits(options: Namespace) -> Runs:
    from experiments import digits_experiment as digits
    from experiments.backend import backends
    from experiments.digits import Digits
    from experiments.run import beginning, run

    (backend,) = backends([options.backend], options.device, options.dtype)
    datasets = {mode: Digits(mode) for mode in ("train", "val", "test")}

    def one(drawn: Namespace, parent: Path, each_epoch: EachEpoch) -> Result:
        settings = digits.settings_of(drawn, backend, drawn.model, drawn.seed)
        begin = partial(beginning, settings, backend, digits.NETWORKS[drawn.model], datasets)
        return run(settings, backend, begin, parent, each_epoch=each_epoch)

    return Runs(one, None, one_thread)


def _svhn(options: Namespace) -> Runs:
    from experiments import svhn_experiment as svhn

    files, device = svhn.prepared(options)
    data = [svhn.described(file) for file in files.values()]
    number = options.threads or max(1, svhn.number_of_threads(options) // options.jobs)

    def one(drawn: Namespace, parent: Path, each_epoch: EachEpoch) -> Result:
        drawn.threads = number
        settings = svhn.settings_of(drawn, files, device, drawn.model, drawn.seed)
        return svhn.one_run(settings, files, parent, each_epoch)

    return Runs(one, data, partial(threads, number))

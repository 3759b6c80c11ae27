"""The workers of a sweep: this process itself, or several that it starts and ends."""

import multiprocessing
import os
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess, parent_process
from typing import Any

import optuna

from experiments.errors import TrainingError
from experiments.sweep import study, trials
from experiments.sweep.runs import Runs, opened
from experiments.sweep.space import Space
from experiments.sweep.worker import Worker

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


def work(book: optuna.Study, space: Space, runs: Runs, options: Namespace) -> None:
    """Have all trials done, by this process or by so many others."""
    if options.jobs == 1:
        with runs.threads():
            Worker(book, space, runs, options, study.folder_of(options)).work()
    else:
        several(book, space, options)


def several(book: optuna.Study, space: Space, options: Namespace) -> None:
    """Have all trials done by so many processes; whatever happens, none is left behind."""
    context = multiprocessing.get_context("spawn")  # PyTorch's threads do not survive a fork
    workers = [context.Process(target=one_of_several, args=(space, options))
               for _ in range(options.jobs)]  # fmt: skip
    with passing_on(workers) as asked:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    if asked:
        raise KeyboardInterrupt
    if trials.finished(book.get_trials(deepcopy=False)) >= options.trials:
        return
    statuses = [worker.exitcode for worker in workers]
    raise TrainingError(
        f"all {options.jobs} workers ended before {options.trials} trials were finished, with "
        f"status {', '.join(map(str, statuses))}; the same command goes on"
    )


@contextmanager
def passing_on(workers: list[BaseProcess]) -> Iterator[list[int]]:
    """Pass signals on to the workers, which end gently; a second signal ends them at once."""
    asked: list[int] = []

    def pass_on(number: int, _: Any) -> None:
        for worker in workers:
            if worker.is_alive():
                (worker.kill if asked else worker.terminate)()
        asked.append(number)

    before = {number: signal.signal(number, pass_on) for number in SIGNALS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def one_of_several(space: Space, options: Namespace) -> None:
    """Be a worker in a process of its own."""
    from experiments.cli import guarded

    if os.name == "posix":
        os.setpgrp()  # Ctrl-C reaches the process that started this one, which passes it on
    threading.Thread(target=end_with_the_parent, daemon=True).start()

    def do() -> int:
        runs = opened(options)
        with study.opened(options) as book, runs.threads():
            Worker(book, space, runs, options, study.folder_of(options)).work()
        return 0

    sys.exit(guarded(do, options.debug))


def end_with_the_parent() -> None:
    """Wait for the end of the process that started this one, and end gently."""
    wait([parent_process().sentinel])
    os.kill(os.getpid(), signal.SIGTERM)

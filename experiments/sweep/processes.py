"""The workers of a sweep: this process itself, or several that it starts and ends."""

import multiprocessing
import os
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess, parent_process
from typing import Any

import optuna

from experiments.errors import TrainingError
from experiments.interruption import SIGNALS, Interrupted
from experiments.sweep import study, trials
from experiments.sweep.runs import Runs, opened
from experiments.sweep.space import Space
from experiments.sweep.worker import Worker


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
    workers: list[BaseProcess] = []
    with passing_on(workers) as asked:
        try:
            with heard_here_alone():
                for _ in range(options.jobs):
                    workers.append(context.Process(target=one_of_several, args=(space, options)))
                    workers[-1].start()
            for worker in workers:
                worker.join()
        finally:
            for worker in workers:
                worker.terminate()
    if asked:
        raise Interrupted(asked[0])
    if trials.finished(book.get_trials(deepcopy=False)) < options.trials:
        raise ended([worker.exitcode or 0 for worker in workers], options.trials)


def ended(statuses: Sequence[int], wanted: int) -> TrainingError:
    """Return what there is to say of workers that ended too early; they said why themselves."""
    error = TrainingError(
        f"all workers ended before {wanted} trials were finished, with status "
        f"{', '.join(map(str, statuses))}; the same command goes on"
    )
    error.status = next((status for status in statuses if status > 0), error.status)
    return error


@contextmanager
def heard_here_alone() -> Iterator[None]:
    """Start processes that are deaf to what a terminal sends to all: it is passed on to them."""
    before = {number: signal.getsignal(number) for number in SIGNALS if number != signal.SIGTERM}
    for number in before:
        signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def passing_on(workers: list[BaseProcess]) -> Iterator[list[int]]:
    """Pass signals on to the workers, which end gently; a second signal ends them at once."""
    asked: list[int] = []

    def pass_on(number: int, _: Any) -> None:
        for worker in workers:
            if worker.is_alive():
                (worker.kill if asked else worker.terminate)()
        asked.append(number)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, pass_on)
    try:
        yield asked
    finally:
        for number in heard:
            signal.signal(number, before[number])


def one_of_several(space: Space, options: Namespace) -> None:
    """Be a worker in a process of its own."""
    from experiments.cli import guarded

    threading.Thread(target=end_with_the_parent, daemon=True).start()

    def do() -> int:
        runs = opened(options)
        with study.opened(options) as book, runs.threads():
            try:
                Worker(book, space, runs, options, study.folder_of(options)).work()
            except Interrupted as interrupted:  # who passed it on says so
                return interrupted.status
        return 0

    sys.exit(guarded(do, options.debug))


def end_with_the_parent() -> None:
    """Wait for the end of the process that started this one, and end gently."""
    wait([parent_process().sentinel])
    os.kill(os.getpid(), signal.SIGTERM)

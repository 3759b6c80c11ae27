"""A side of the comparison: a library in a process of its own, as it would compute alone.

Sides share neither memory that was given back nor a library's settings. They take turns, and one
never computes while another does.
"""

import math
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from experiments.benchmarks.row import Key
from experiments.errors import ExperimentError
from experiments.threads import threads

TURN = 0.01  # seconds that a turn lasts at least: what is shorter is done several times
LONG = 1.0  # what takes so many seconds is tried once


@dataclass
class Work:
    """What a side can do. `do` does it once and returns its seconds (or bytes).

    `calls` is how often that is a turn; None: as often as makes it long enough. `loss` is the mean
    loss of a first epoch, in which all sides have to agree.
    """

    do: Callable[[], float]
    calls: int | None = None
    loss: float | None = None


# Builds what a side can do, inside its process.
Make = Callable[[], dict[Key, Work]]


class Side:
    """A process that does one of its works when it is told to, on a number of threads.

    What goes wrong in `make` is raised here: an ExperimentError as it is, all else as RuntimeError.
    """

    def __init__(self, make: Make, number: int) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process
        self.process = process(target=serve, args=(make, number, theirs), daemon=True)
        with environment(number):
            self.process.start()
        theirs.close()
        try:
            answer = self.connection.recv()
        except EOFError:
            answer = RuntimeError("its process ended")
        if isinstance(answer, Exception):
            self.close()
            raise answer
        self.losses: dict[Key, float | None] = answer

    def __enter__(self) -> "Side":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self.connection.close()  # it comes to its end by itself, and leaves nothing open
        self.process.join()

    def turn(self, key: Key) -> float:
        """Let it do a work for a turn; return what doing it once took."""
        self.connection.send(key)
        return self.connection.recv()


@contextmanager
def environment(number: int) -> Iterator[None]:
    """Tell a process that starts now how many threads it has: some libraries ask only then."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC", "NUM_CPU_THREADS")  # JAX, tinygrad
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, str(number)))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def serve(make: Make, number: int, connection: Any) -> None:
    """Be a side: begin, and work whenever a key is received."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the command, and with it its sides
    try:
        works = make()
        with threads(number):
            plans = {key: plan(work) for key, work in works.items()}
    except ExperimentError as error:
        connection.send(error)
        return
    except Exception as error:
        first_line = next(iter(str(error).strip().splitlines()), "")
        connection.send(RuntimeError(f"{type(error).__name__}: {first_line}"))
        return
    connection.send({key: work.loss for key, work in works.items()})
    with suppress(EOFError), threads(number):  # EOFError: the command has come to its end
        while True:
            key = connection.recv()
            untimed, timed = plans[key]
            taken = [works[key].do() for _ in range(untimed + timed)][untimed:]
            settle()
            connection.send(sum(taken) / len(taken))


def plan(work: Work) -> tuple[int, int]:
    """Return how often the work is done in a turn: first untimed, to wake threads, then timed.

    It is tried for that. No try counts: the first times are slower than all others.
    """
    if work.calls:
        return 0, work.calls
    seconds = work.do()
    if seconds >= LONG:
        return 0, 1
    return 1, max(1, math.ceil(TURN / max(work.do(), 1e-6)))


def settle() -> None:
    """Wait until no thread of this process computes, for a second at the most.

    After a product, OpenBLAS's threads wait for the next one awake, a tenth of a second long. On
    all threads, that would take a processor away from the next library's turn.
    """
    for _ in range(100):
        before = time.process_time()
        time.sleep(0.01)
        if time.process_time() - before < 0.001:
            return

"""Ctrl-C and its kin: the first ends the work after the batch at hand, the second at once."""

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from experiments.console import note
from experiments.processes import current

# What a person at the keyboard, an operator or a shutdown, and a closed terminal send.
SIGNALS = {
    getattr(signal, name): said
    for name, said in {"SIGINT": "Ctrl-C", "SIGTERM": "SIGTERM", "SIGHUP": "SIGHUP"}.items()
    if hasattr(signal, name)
}
_asked: list[int] = []  # the signals that came


class Interrupted(KeyboardInterrupt):
    """The work was ended between two batches, because a signal asked for it."""

    def __init__(self, number: int) -> None:
        super().__init__(SIGNALS[number])
        self.status = 128 + number  # what a shell shows for a program that a signal ended


@contextmanager
def gentle() -> Iterator[None]:
    """Within it, the first signal waits until `interruptible` is between two batches.

    Python hands signals to the main thread alone: in any other there is nothing to change. What
    was told to ignore a signal, as by nohup, goes on ignoring it. Within another `gentle` it leaves
    all to that one, which may have heard a signal already.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if _asked or any(signal.getsignal(number) is _first for number in SIGNALS):
        yield
        check()
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, _first)
    try:
        yield
        check()  # it may have come after the last batch
    finally:
        _asked.clear()
        for number in heard:
            signal.signal(number, before[number])


def interruptible(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield the batches; raise Interrupted after one in whose time a signal came."""
    for batch in batches:
        yield batch
        check()


def check() -> None:
    """Raise Interrupted if a signal came, to any of the processes that share the work."""
    number = current().largest(_asked[0] if _asked else 0)
    if number:
        raise Interrupted(number)


def _first(number: int, _: Any) -> None:
    for each in SIGNALS:  # the second is Python's, or ends the process
        if signal.getsignal(each) is _first:
            usual = signal.default_int_handler if each == signal.SIGINT else signal.SIG_DFL
            signal.signal(each, usual)
    _asked.append(number)
    note(f"{SIGNALS[number]}: ending after this batch; once more ends at once")

"""Ctrl-C: the first one ends the work after the batch at hand, the second one at once."""

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from experiments.console import note

_asked = threading.Event()


class Interrupted(KeyboardInterrupt):
    """The work was ended between two batches, because somebody typed Ctrl-C."""


@contextmanager
def gentle() -> Iterator[None]:
    """Within it, the first Ctrl-C waits until `interruptible` is between two batches.

    Python hands signals to the main thread alone: in any other there is nothing to change.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _asked.clear()
    before = signal.signal(signal.SIGINT, _first)
    try:
        yield
        if _asked.is_set():  # typed after the last batch
            raise Interrupted
    finally:
        _asked.clear()
        signal.signal(signal.SIGINT, before)


def interruptible(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield the batches; raise Interrupted after one in whose time Ctrl-C was typed."""
    for batch in batches:
        yield batch
        if _asked.is_set():
            raise Interrupted


def _first(*_: Any) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the second Ctrl-C is Python's
    _asked.set()
    note("Ctrl-C: ending after this batch; once more ends at once")

"""The processes of which this one is: a fact about the process, so there is one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from experiments.processes.alone import Alone
from experiments.processes.launch import Launch

_current = Alone()


def current() -> Alone:
    """Return the processes that share the work: one alone, unless `entered` says otherwise."""
    return _current


@contextmanager
def entered(launch: Launch) -> Iterator[None]:
    """Share the work within it with the processes that torchrun has started."""
    global _current
    if launch.number == 1:
        yield
        return
    from experiments.processes.together import together

    with together(launch) as _current:
        try:
            yield
        finally:
            _current = Alone()

"""Timing two programs fairly: in turns, so that whatever else the machine does meets both alike."""

import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

# Timed inside a new interpreter, whose own start is no part of the import.
IMPORT = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


@dataclass(frozen=True)
class Race:
    """The same work done by minigrad and by a peer, and the seconds that each turn took.

    `ours` and `theirs` do the work once and return its seconds.

    >>> race = Race("an epoch", ours=iter([1.0, 2.0, 9.0]).__next__, theirs=lambda: 4.0)
    >>> for _ in range(3):
    ...     race.turn()
    >>> race.ratio, race.quartiles
    (0.5, (0.375, 1.375))
    """

    what: str
    ours: Callable[[], float]
    theirs: Callable[[], float]
    seconds: list[tuple[float, float]] = field(default_factory=list)

    def turn(self) -> None:
        """Let both do it, minigrad first."""
        self.seconds.append((self.ours(), self.theirs()))

    @property
    def ratios(self) -> list[float]:
        """Our time in each turn, as a multiple of theirs."""
        return [ours / theirs for ours, theirs in self.seconds]

    @property
    def ratio(self) -> float:
        """The median of the turns' ratios."""
        return median(self.ratios)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between which lie half of the turns' ratios."""
        low, high = np.quantile(self.ratios, [0.25, 0.75]).tolist()
        return low, high

    @property
    def medians(self) -> tuple[float, float]:
        """Our median time and theirs, in seconds."""
        ours, theirs = zip(*self.seconds, strict=True)
        return median(ours), median(theirs)


def stopwatch(work: Callable[[], Any]) -> Callable[[], float]:
    """Return a function that does the work and returns its seconds."""

    def timed() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return timed


def import_seconds(module: str) -> float:
    """Import a module in a new interpreter; return the seconds that it took."""
    command = [sys.executable, "-c", IMPORT.format(module)]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def processor() -> str:
    """Return the processor's name, or at least its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()  # on Linux Python knows only x86_64
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()

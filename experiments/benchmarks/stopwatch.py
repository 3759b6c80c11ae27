"""Timing, and what a time has to be told with: the machine."""

import datetime
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.installed import version

# Timed inside a new interpreter, whose own start is no part of the import.
IMPORT = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


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


def describe_machine(packages: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the date, the versions of the packages, and the machine."""
    names = ("minigrad-teaching", "numpy", "torch", *packages)
    versions = {"python": platform.python_version()} | {name: version(name) for name in names}
    return {
        "date": datetime.date.today().isoformat(),
        "versions": versions,
        "processor": processor(),
        "cpus": os.cpu_count(),
    }


def machine_line(machine: dict[str, Any]) -> str:
    """Return the machine for reading."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return f"{machine['processor']}, {machine['cpus']} CPUs; {versions}; {machine['date']}"


def processor() -> str:
    """Return the processor's name, or at least its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()  # on Linux Python knows only x86_64
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()

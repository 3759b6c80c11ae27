"""The machine: its system, processor, memory, and the disk that runs are written to."""

import os
import platform
import shutil
from argparse import Namespace
from pathlib import Path

from experiments.doctor.finding import Finding, gigabytes

LITTLE = 1e9  # bytes: less than that of memory or disk is said


def system(options: Namespace) -> Finding:
    """Return the operating system."""
    name = {"Darwin": f"macOS {platform.mac_ver()[0]}"}.get(platform.system(), "")
    if platform.system() == "Linux":
        try:
            name = platform.freedesktop_os_release().get("PRETTY_NAME", "")
        except OSError:
            name = "an unnamed Linux"
    return Finding(", ".join(filter(None, [name, f"{platform.system()} {platform.release()}"])))


def processor(options: Namespace) -> Finding:
    """Return the processor, the cores that this process may use, and how busy they are."""
    from experiments.benchmarks.stopwatch import processor

    usable, there = cores(), os.cpu_count() or 1
    found = Finding(f"{processor()} ({platform.machine()}), {usable} of {there} cores usable")
    if hasattr(os, "getloadavg"):
        load = os.getloadavg()[0]
        found.text += f", load {load:.1f}"
        if load > there:
            found.warnings.append(
                "others compute here too, so times will be longer; to see them, type: top"
            )
    return found


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory(options: Namespace) -> Finding:
    """Return the memory, and the limit of a container, which the machine's own does not show."""
    import psutil

    there = psutil.virtual_memory()
    found = Finding(f"{gigabytes(there.available)} of {gigabytes(there.total)} free")
    free = there.available
    if limit := container_limit(there.total):
        found.text += f", at most {gigabytes(limit)} for this container"
        free = min(free, limit)
    if free < LITTLE:
        found.warnings.append("little memory: close other programs, or add --batch-size 64")
    return found


def container_limit(total: int) -> int | None:
    """Return how many bytes a container may use; None if no fewer than there are."""
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            limit = int(Path(path).read_text())
        except (OSError, ValueError):  # not there, or "max"
            continue
        return limit if limit < total else None
    return None


def disk(options: Namespace) -> Finding:
    """Return how much can be written where runs go."""
    folder = options.out
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    found = Finding(
        f"{gigabytes(usage.free)} of {gigabytes(usage.total)} free for --out {options.out}"
    )
    another = "name another folder with --out DIR"
    if options.out.exists() and not options.out.is_dir():
        found.warnings.append(f"{options.out} is a file: {another}")
    elif not os.access(folder, os.W_OK | os.X_OK):
        found.warnings.append(f"nothing can be written in {folder}: {another}")
    elif usage.free < LITTLE:
        found.warnings.append(f"little room: {another}")
    return found

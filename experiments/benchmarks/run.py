"""`minigrad bench`: all libraries in turns, on one thread each and then on all."""

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

from experiments import charts
from experiments.bench_command import ROWS
from experiments.benchmarks import (
    chart,
    digits,
    floor,
    layers,
    output,
    peers,
    report,
    svhn_step,
)
from experiments.benchmarks.row import OURS, PYTORCH, Key, Row
from experiments.benchmarks.side import LONG, Make, Side, Work
from experiments.benchmarks.stopwatch import describe_machine, import_seconds, machine_line
from experiments.console import note, progress, say
from experiments.errors import UsageError
from experiments.markdown import code, escaped

FRAMEWORKS = {OURS: "minigrad", PYTORCH: "torch"}
CHANNELS_LAST = "PyTorch channels_last"

# What minigrad and PyTorch do in a group of rows, given the framework's name.
GROUPS: dict[str, Callable[[str], dict[Key, Work]]] = {
    "epochs": digits.epochs,
    "loader": digits.loader,
    "layers": layers.layers,
    "svhn": svhn_step.step,
    "adamax": layers.adamax,
    "slopes": layers.slopes,
}

SAME_LOSS = 1e-3  # relative; another loss of the first epoch is another training
PATIENCE = 5.0  # seconds that a library's turns of a row may take, but for the first


def bench(options: argparse.Namespace) -> None:
    """Do what `minigrad bench` was asked for; `options` are those of `bench_command`."""
    output.check_writable("--json", options.json)
    if options.chart:
        charts.check_writable(options.chart)
    if options.readme:
        output.around_markers(options.readme)
        output.check_writable("--readme", options.readme)
    groups = ROWS if options.all else options.rows
    if options.chart and set(groups) == {"import"}:
        raise UsageError("--chart: PyTorch takes no part in the row import; add rows to --rows")
    names = peers.installed() if options.all or options.peers else []
    counts = sorted({1, os.cpu_count() or 1})
    notes: list[str] = []
    phases = {n: measured(groups, names, n, options.repeat, notes) for n in counts}
    machine = describe_machine(tuple(sorted({peers.PEERS[name][1] for name in names} - {"torch"})))
    say(report.text(phases, notes, machine_line(machine), options.repeat))
    content = {
        "threads": {n: [row.data() for row in rows] for n, rows in phases.items()},
        "slopes": {n: report.slopes(rows) for n, rows in phases.items()},
        "notes": notes,
        "machine": machine,
    }
    output.write_json(options.json, content)
    if options.chart:
        charts.write(options.chart, chart.draw(phases))
    if options.readme:
        words = [escaped(note) for note in notes], escaped(machine_line(machine))
        table = report.text(phases, *words, options.repeat)
        output.write_readme(options.readme, f"{table}\n\nWritten by {code(command(options))}.")


def measured(
    groups: tuple[str, ...], names: list[str], threads: int, turns: int, notes: list[str]
) -> list[Row]:
    """Start all sides, let them take turns, and return the rows in which minigrad takes part."""
    rows: dict[Key, Row] = {}
    with ExitStack() as stack:
        sides = {}
        with progress(None, f"starting, {report.threads_text(threads)} each", "side") as bar:
            for name, make in makers(groups, names):
                try:
                    sides[name] = stack.enter_context(Side(make, threads))
                except RuntimeError as error:  # a peer that is installed, but does not work here
                    if name in FRAMEWORKS:
                        raise
                    remark(notes, f"{name} is not timed: {error}")
                bar.update()
        lawful = {name: agreeing(name, side, sides[OURS], notes) for name, side in sides.items()}
        with progress(turns, f"in turns, {report.threads_text(threads)} each", "turn") as bar:
            for _ in range(turns):
                for key in sides[OURS].losses:
                    row = rows.setdefault(key, Row(key))
                    for name, side in sides.items():
                        if key in lawful[name] and not exhausted(row, name):
                            row.add(name, side.turn(key))
                if "import" in groups and threads == 1:  # an import has but one
                    imports(rows)
                bar.update()
    if "memory" in groups:
        memory(rows, threads, notes)
    return list(rows.values())


def makers(groups: tuple[str, ...], names: list[str]) -> Iterator[tuple[str, Make]]:
    """Yield each library's name and what makes its side."""
    shared = [GROUPS[group] for group in groups if group in GROUPS]
    for name, framework in FRAMEWORKS.items():
        yield name, partial(together, [partial(make, framework) for make in shared])
    floors = {"epochs": floor.epochs, "svhn": floor.svhn}
    if wanted := [make for group, make in floors.items() if group in groups]:
        yield floor.FLOOR, partial(together, wanted)
    if "svhn" in groups:
        yield CHANNELS_LAST, partial(svhn_step.step, "torch", channels_last=True)
    if "epochs" in groups:
        yield from ((name, partial(digits.peer_epochs, name)) for name in names)


def together(makes: list[Make]) -> dict[Key, Work]:
    """Return all works of several makers."""
    return {key: work for make in makes for key, work in make().items()}


def agreeing(name: str, side: Side, ours: Side, notes: list[str]) -> set[Key]:
    """Return what a side does as minigrad does it; say of the rest that it is something else."""
    same = set()
    for key, loss in side.losses.items():
        mine = ours.losses.get(key)
        if loss is None or mine is None or abs(loss - mine) <= SAME_LOSS * abs(mine):
            same.add(key)
        else:
            remark(
                notes,
                f"{name}, {key.what}: not timed, it computes something else: the first epoch's "
                f"mean loss is {loss:.6f}, minigrad's {mine:.6f}",
            )
    return same


def remark(notes: list[str], line: str) -> None:
    """Keep a line for the end, and say it now; once, not on each number of threads."""
    if line not in notes:
        notes.append(line)
        note(line)


def exhausted(row: Row, name: str) -> bool:
    """Return whether a library is too slow for one more turn."""
    taken = row.taken.get(name, [])
    return bool(taken) and taken[-1] > LONG / 2 and sum(taken) + taken[-1] > PATIENCE


def imports(rows: dict[Key, Row]) -> None:
    """Let minigrad and NumPy be imported, each by a new interpreter."""
    key = Key("import", "import")
    row = rows.setdefault(key, Row(key))
    row.add(OURS, import_seconds("minigrad"))
    row.add(report.NUMPY, import_seconds("numpy"))


def memory(rows: dict[Key, Row], threads: int, notes: list[str]) -> None:
    """Measure the memory of a step, in processes that nothing was done in before."""
    row = rows.setdefault(svhn_step.MEMORY, Row(svhn_step.MEMORY))
    sides: dict[str, dict[str, Any]] = {
        OURS: {"framework": "minigrad"},
        PYTORCH: {"framework": "torch"},
        CHANNELS_LAST: {"framework": "torch", "channels_last": True},
    }
    for name, how in sides.items():
        try:
            with Side(partial(svhn_step.memory, **how), threads) as side:
                row.add(name, side.turn(svhn_step.MEMORY))
        except RuntimeError as error:
            remark(notes, f"{name}, memory: not measured: {error}")


def command(options: argparse.Namespace) -> str:
    """Return what to type to measure the same again."""
    what = "--all" if options.all else f"--rows {','.join(options.rows)}"
    libraries = " --peers" if options.peers and not options.all else ""
    return f"minigrad bench {what}{libraries} --repeat {options.repeat} --readme README.md"

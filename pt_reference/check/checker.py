"""A file against PyTorch: which layers it defines, and what is to be said of each."""

import os
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pt_reference.check import oracle
from pt_reference.check.cases import Case
from pt_reference.check.causes import diagnose
from pt_reference.check.contract import LAYERS
from pt_reference.check.layer_check import CAUSES, LayerCheck
from pt_reference.check.results import (
    CRASHED,
    ERROR,
    TIMED_OUT,
    Failure,
    FileReport,
    Finding,
    LayerReport,
)
from pt_reference.check.running import Running
from pt_reference.check.sandbox import Ended, Limits, Sandbox
from pt_reference.check.source import defined


def check_file(
    path: str | Path,
    layers: Sequence[str] = (),
    seed: int = 0,
    limits: Limits | None = None,
    shrink: bool = True,
    running: Running | None = None,
) -> FileReport:
    """Check the layers that a file defines, or those of them that are named.

    ``shrink``: whether each finding gets the smallest example there is, not one of those tried.
    ``running``: by which another thread can end it.
    """
    running = running or Running()
    wanted = list(layers or LAYERS)
    report = FileReport(str(path), seed, {name: LayerReport(name) for name in wanted})
    todo, report.problem = defined(Path(path), wanted)
    # A layer that ends the process is the last one in it: the others get a new one.
    while todo and not running.ended:
        with Sandbox(Path(path), limits) as sandbox, running.using(sandbox):
            oracle.get_ready()  # while the file is imported
            try:
                loaded = sandbox.load()
            except Ended as end:
                _not_imported(report, todo, end.cause, end.text)
                break
            if error := loaded.get("error"):
                line = f" in line {error['line']}" if error["line"] else ""
                text = f"{error['type']}: {error['text']}{line}"
                _not_imported(report, todo, CAUSES.get(error["type"], "raises"), text)
                break
            found = loaded["layers"]
            todo = [name for name in todo if name in found]
            while todo and sandbox.alive:
                layer = report.layers[name := todo.pop(0)]
                if why := found[name].get("unreadable"):
                    _not_run(layer, "raises", f"it cannot be looked at: {why}")
                    continue
                LayerCheck(sandbox, layer, found[name], seed, shrink).run()
            report.tried = tuple(dict.fromkeys((*report.tried, *sandbox.tried)))
            report.printed_lines += sandbox.printed_lines
    calls = {call for layer in report.layers.values() for call in layer.torch_calls}
    report.uses_pytorch = tuple(sorted(calls))
    return report


def check_files(
    paths: Sequence[str | Path],
    layers: Sequence[str] = (),
    seed: int = 0,
    limits: Limits | None = None,
    cores: int | None = None,
) -> Generator[FileReport, None, None]:
    """Check several files, as many at a time as there are cores; yield their reports in order.

    Threads are enough: each spends its time waiting for the process of its file.
    """
    running = Running()

    def check(path: str | Path) -> FileReport:
        try:
            return check_file(path, layers, seed, limits, running=running)
        except Exception as error:  # a bug in the checker: the other files are still graded
            problem = f"a bug in the checker: {type(error).__name__}: {error}"
            return FileReport(
                str(path), seed, {name: LayerReport(name) for name in layers or LAYERS}, problem
            )

    if len(paths) == 1:
        yield check_file(paths[0], layers, seed, limits)
        return
    pool = ThreadPoolExecutor(cores or os.cpu_count())
    try:
        yield from pool.map(check, paths)
    finally:  # interrupted: no further file is begun, and those that have been are not waited for
        running.end()
        pool.shutdown(cancel_futures=True)


def _not_imported(report: FileReport, todo: list[str], cause: str, text: str) -> None:
    """Say of all layers that the file could not be imported."""
    for name in todo:
        _not_run(report.layers[name], cause, f"importing the file: {text}")


def _not_run(layer: LayerReport, cause: str, text: str) -> None:
    """Say of a layer why nothing of it was run."""
    layer.verdict = TIMED_OUT if cause == "timed_out" else CRASHED
    layer.text = text
    failure = Failure(Case("import", {}), "import", "file", cause, text=text)
    layer.findings = [Finding(failure, diagnose(layer.name, [failure]), ERROR, ("import",))]

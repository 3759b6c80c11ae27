"""Checking students' files: the reports that were asked for, and what the exit status says."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from experiments.atomic import write
from experiments.console import note, progress, say
from experiments.errors import UsageError
from pt_reference.check.results import FileReport
from pt_reference.check.templates import template

OUTPUTS = {  # the options that write a file, each with a name for it
    "json": "report.json",
    "html": "report.html",
    "junit": "report.xml",
    "gradescope": "results.json",
}


def check(options: argparse.Namespace) -> int:
    """Do what `minigrad check` was asked for; `options` are those of `check_command`."""
    if options.template:
        if options.files:
            raise UsageError("--template prints a file and checks none: leave out FILE.py")
        sys.stdout.write(template(options.template))
        return 0
    if not options.files:
        raise UsageError(
            "no file to check; type: minigrad check FILE.py, "
            "or to begin one: minigrad check --template Linear > linear.py"
        )
    outputs = outputs_of(options)
    reports = checked(options)
    said = reports, options.hints, options.show_expected
    if words := _words(*said):
        say(words)
    for kind, path in outputs.items():
        write(path, _writer(kind)(*said))
        note(f"{kind}: {path}")
    return status(reports)


def checked(options: argparse.Namespace) -> list[FileReport]:
    """Check the files, several at a time, and show how far it is."""
    from pt_reference.check.checker import check_files  # which loads PyTorch

    reports = []
    found = check_files(options.files, options.layers or (), options.seed)
    with _tidy_end(), closing(found), progress(len(options.files), "files", "file") as bar:
        for report in found:
            reports.append(report)
            bar.update()
    return reports


@contextmanager
def _tidy_end() -> Iterator[None]:
    """Take the signals that end a program as Ctrl-C: the files' processes and folders go too."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def outputs_of(options: argparse.Namespace) -> dict[str, Path]:
    """Return which report goes where; refuse, before any work, what cannot be written."""
    outputs = {kind: path for kind in OUTPUTS if (path := getattr(options, kind)) is not None}
    taken = {path.resolve(): "a file to check" for path in options.files}
    for kind, path in outputs.items():
        if path.is_dir() or not path.parent.is_dir():
            raise UsageError(
                f"--{kind}: {path} is not a file in a folder that exists; "
                f"type for example --{kind} {OUTPUTS[kind]}"
            )
        if path.resolve() in taken:
            raise UsageError(f"--{kind}: {path} is {taken[path.resolve()]}; name another file")
        taken[path.resolve()] = "what another option writes"
    return outputs


def status(reports: Sequence[FileReport]) -> int:
    """Return 0, 1 or 2; say on stderr which files could not be checked at all, and why."""
    from pt_reference.check.report.words import clean

    problems = [report for report in reports if report.problem]
    for report in problems:
        note(f"minigrad: {clean(report.path)}: {clean(report.problem)}")
    if problems:
        return 2
    return 0 if all(report.passed for report in reports) else 1


def _words(reports: Sequence[FileReport], hints: str, show_expected: bool) -> str:
    """Return what is printed: of one file its report, of several the table of a class."""
    from pt_reference.check.report.class_table import class_table
    from pt_reference.check.report.terminal import text

    if len(reports) > 1:
        return class_table(reports, hints)
    return "" if reports[0].problem else text(reports[0], hints, show_expected)


def _writer(kind: str) -> Callable[[Sequence[FileReport], str, bool], str]:
    from pt_reference.check.report.gradescope import gradescope_report
    from pt_reference.check.report.html_report import html_report
    from pt_reference.check.report.json_report import json_report
    from pt_reference.check.report.junit import junit_report

    return {
        "json": json_report,
        "html": html_report,
        "junit": junit_report,
        "gradescope": gradescope_report,
    }[kind]

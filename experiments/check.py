"""Checking students' files: the reports that were asked for, and what the exit status says."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from experiments.atomic import write
from experiments.console import note, progress, say
from experiments.errors import UsageError
from pt_reference.check.results import FileReport
from pt_reference.check.templates import template

OUTPUTS = ("json", "html", "junit", "gradescope")


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
    outputs = _outputs(options)
    reports = list(_checked(options))
    if len(reports) > 1:
        from pt_reference.check.report.class_table import class_table

        say(class_table(reports, options.hints))
    elif not reports[0].problem:
        from pt_reference.check.report.terminal import text

        say(text(reports[0], options.hints, options.show_expected))
    for kind, path in outputs.items():
        content = _report(kind)(reports, options.hints, options.show_expected)
        write(path, content)
        note(f"{kind}: {path}")
    return _status(reports)


def _checked(options: argparse.Namespace) -> Iterator[FileReport]:
    from pt_reference.check.checker import check_files  # PyTorch takes a second

    with progress(len(options.files), "files", "file") as bar:
        for report in check_files(options.files, options.layers or (), options.seed):
            bar.update()
            yield report


def _status(reports: list[FileReport]) -> int:
    """Return 0, 1 or 2; say on stderr which files could not be checked at all."""
    problems = [report for report in reports if report.problem]
    for report in problems:
        note(f"minigrad: {_one_line(f'{report.path}: {report.problem}')}")
    if problems:
        return 2
    return 0 if all(report.passed for report in reports) else 1


def _outputs(options: argparse.Namespace) -> dict[str, Path]:
    """Return which report goes where; refuse, before any work, what cannot be written."""
    outputs = {k: getattr(options, k) for k in OUTPUTS if getattr(options, k) is not None}
    taken = {path.resolve(): "a file to check" for path in options.files}
    for kind, path in outputs.items():
        if path.is_dir() or not path.parent.is_dir():
            raise UsageError(
                f"--{kind}: {path} is not a file in a folder that exists; "
                f"type for example --{kind} {_example(kind)}"
            )
        if path.resolve() in taken:
            raise UsageError(f"--{kind}: {path} is {taken[path.resolve()]}; name another file")
        taken[path.resolve()] = "what another option writes"
    return outputs


def _example(kind: str) -> str:
    return {"json": "report.json", "html": "report.html", "junit": "report.xml"}.get(
        kind, "results.json"
    )


def _report(kind: str):
    from pt_reference.check.report import gradescope, html_report, json_report, junit

    return {
        "json": json_report.json_report,
        "html": html_report.html_report,
        "junit": junit.junit_report,
        "gradescope": gradescope.gradescope_report,
    }[kind]


def _one_line(text: str) -> str:
    from pt_reference.check.report.words import clean

    return clean(text)

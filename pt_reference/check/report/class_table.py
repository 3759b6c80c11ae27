"""Several files: a row each, a column a layer, and what goes wrong most often."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from pt_reference.check.report.words import clean, headline, hint
from pt_reference.check.results import (
    CRASHED,
    ERROR,
    FAIL,
    NOT_ATTEMPTED,
    PASS,
    TIMED_OUT,
    FileReport,
    Finding,
)

WIDTH = 80
MOST = 10  # causes
WORDS = {PASS: "pass", FAIL: "FAIL", CRASHED: "CRASH", TIMED_OUT: "TIME", NOT_ATTEMPTED: "-"}


def class_table(reports: Sequence[FileReport], hints: str = "cause") -> str:
    """Return the table of a class, 80 columns wide."""
    layers = list(reports[0].layers)
    widths = [max(len(layer), 5) + 2 for layer in layers]
    room = WIDTH - sum(widths)
    names = short_names([clean(report.path) for report in reports], room)
    first = max(map(len, [*names, "passing"]))
    head = "file".ljust(first) + "".join(
        layer.rjust(w) for layer, w in zip(layers, widths, strict=True)
    )
    lines = [head, "-" * len(head)]
    for name, report in zip(names, reports, strict=True):
        cells = [WORDS[layer.verdict] for layer in report.layers.values()]
        row = "".join(cell.rjust(w) for cell, w in zip(cells, widths, strict=True))
        said = f"  {_cut(clean(report.problem), WIDTH - first - 2)}"
        lines.append(name.ljust(first) + (said if report.problem else row))
    lines.append("-" * len(head))
    passing = [sum(r.layers[layer].verdict == PASS for r in reports) for layer in layers]
    lines.append(
        "passing".ljust(first)
        + "".join(str(n).rjust(w) for n, w in zip(passing, widths, strict=True))
    )
    lines += _causes(reports, hints)
    if using := [n for n, r in zip(names, reports, strict=True) if r.uses_pytorch]:
        lines += ["", _cut(f"Use PyTorch inside: {', '.join(using)}", WIDTH)]
    return "\n".join(lines)


def frequent_causes(reports: Sequence[FileReport]) -> list[tuple[int, str, Finding]]:
    """Return how many files have a mistake, in which layer, and the mistake; most frequent first.

    Of a layer of a file, the first error counts: the others may follow from it.
    """
    count: Counter[tuple[str, str, str]] = Counter()
    example: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for report in reports:
        for name, layer in report.layers.items():
            for f in [f for f in layer.findings if f.severity == ERROR][:1]:
                key = name, f.failure.where, f.cause.id
                count[key] += 1
                example[key].append(f)
    return [(n, key[0], example[key][0]) for key, n in count.most_common()]


def _causes(reports: Sequence[FileReport], hints: str) -> Iterator[str]:
    found = frequent_causes(reports)
    if not found:
        return
    yield from ("", "Most frequent first mistakes:")
    for n, layer, f in found[:MOST]:
        line = f"  {n:3}  {layer}: {headline(f)} [{f.cause.id}]"
        yield _cut(line, WIDTH)
        if said := hint(f, hints):
            yield _cut(f"       {said}", WIDTH)
    if len(found) > MOST:
        yield f"       and {len(found) - MOST} others"
    yield from ("", "For the examples that show a file's mistakes: minigrad check FILE.py")


def short_names(paths: Sequence[str], room: int) -> list[str]:
    """Return names that fit: the folder that all have in common is left out.

    >>> short_names(["sub/anna/layers.py", "sub/bert/layers.py"], 18)
    ['anna/layers.py', 'bert/layers.py']
    >>> short_names(["a_very_long_file_name.py"], 18)
    ['a_very_l…e_name.py']
    """
    folders = [str(Path(path).parent) for path in paths]
    try:
        common = os.path.commonpath(folders)
    except ValueError:  # some are absolute, some are not
        common = ""
    names = [os.path.relpath(path, common) if common else path for path in paths]
    half = (room - 1) // 2
    return [n if len(n) <= room else f"{n[:half]}…{n[-(room - 1 - half) :]}" for n in names]


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"

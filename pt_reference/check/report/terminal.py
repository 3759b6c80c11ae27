"""The report for a person at a terminal of 80 columns."""

import textwrap
from collections.abc import Iterator

import numpy as np

from pt_reference.check.compare import difference
from pt_reference.check.report.grids import grid
from pt_reference.check.report.parts import NOT_REACHED, SKIPPED, Part, part_of
from pt_reference.check.report.words import (
    about,
    answers,
    arrays_of,
    call,
    clean,
    headline,
    hint,
    number,
    said_of,
    where_to_look,
)
from pt_reference.check.results import (
    ERROR,
    NOT_ATTEMPTED,
    PASS,
    FileReport,
    Finding,
    LayerReport,
)

WIDTH = 80


def text(report: FileReport, hints: str = "cause", show_expected: bool = False) -> str:
    """Return the report of a file: a line for each layer, then what was found in each."""
    lines = [clean(report.path)]
    if report.problem:
        return "\n".join([*lines, *_wrapped(report.problem, "  ")])
    lines.append("")
    attempted = [layer for layer in report.layers.values() if layer.verdict != NOT_ATTEMPTED]
    for layer in attempted:
        lines += summary(layer)
    if rest := [n for n, layer in report.layers.items() if layer.verdict == NOT_ATTEMPTED]:
        lines += _wrapped(f"not attempted: {', '.join(rest)}", "  ", "    ")
    lines += _about_the_file(report)
    if not attempted:
        lines += ["", "  Nothing is filled in yet: replace a `raise NotImplementedError`."]
    for layer in report.layers.values():
        for f in layer.findings:
            if f.severity == ERROR:
                lines += ["", *of_finding(layer, f, hints, show_expected)]
    notes = [(n, f) for n, layer in report.layers.items() for f in layer.findings]
    notes = [(name, f) for name, f in notes if f.severity != ERROR]
    if notes:
        lines += ["", "Notes, which cost nothing:"]
    for name, f in notes:
        lines += _wrapped(f"{name}: {headline(f)}: {hint(f, hints)}", "  ", "    ")
    return "\n".join(lines)


def summary(layer: LayerReport) -> list[str]:
    """Return a layer's verdict, how many checks ran, and how many did not and why."""
    verdict = layer.verdict if layer.verdict == PASS else layer.verdict.upper()
    errors = sum(f.severity == ERROR for f in layer.findings)
    notes = len(layer.findings) - errors
    counted = [_count(layer.checks, "check")]
    counted += [_count(n, word) for n, word in ((errors, "error"), (notes, "note")) if n]
    if layer.skipped:
        counted.append(_count(sum(layer.skipped.values()), "case") + " skipped")
    lines = [f"  {layer.name:<12}{verdict:<15}{', '.join(counted)}"]
    if layer.text:
        lines += _wrapped(layer.text, " " * 14)
    if layer.skipped:
        why = ", ".join(f"{why} ({n})" for why, n in layer.skipped.items())
        lines += _wrapped(f"skipped: {why}", " " * 14)
    return lines


def of_finding(
    layer: LayerReport, finding: Finding, hints: str = "cause", show_expected: bool = False
) -> list[str]:
    """Return what disagrees, what it looks like, and the smallest example that shows it."""
    cause, head = finding.cause.id, f"{layer.name}: {finding.severity}: {headline(finding)}"
    lines = [f"{head:<{WIDTH - len(cause) - 1}} {cause}", "-" * WIDTH]
    for label, said in said_of(finding, hints):
        lines += _labelled(label, said)
    if look := where_to_look(finding):
        lines += _labelled("look in", look)
    lines += _labelled("seen in", _cases(finding, layer))
    if finding.check == "import":
        return lines
    case = finding.failure.case
    lines += _labelled("smallest", f"{call(layer.name, case)}, the case '{case.name}'")
    lines.append("")
    for name, array in arrays_of(layer.name, finding).items():
        lines += _array(name, array, None)
    lines += _answers(finding, show_expected)
    return lines


def _answers(finding: Finding, show_expected: bool) -> Iterator[str]:
    shown = answers(finding, show_expected)
    yours, expected = finding.failure.yours, finding.failure.expected
    comparable = yours is not None and expected is not None and yours.shape == expected.shape
    wrong = difference(yours, expected) if comparable else None
    marked = False
    for name, array in shown.items():
        mask = wrong.wrong if wrong and array is yours else None
        marked = marked or mask is not None
        yield from _array(f"{finding.where}, {name}", array, mask)
    if not wrong:
        return
    of = f"{int(wrong.wrong.sum())} of {wrong.wrong.size}"
    at = ", ".join(map(str, wrong.index))
    worst = f"yours is {number(yours[wrong.index])}"
    if show_expected or finding.check == "determinism":
        worst += f", {number(expected[wrong.index])} is expected"
    worst += f", off by about {about(wrong.max_abs_error)}"
    if marked:
        yield from _labelled("! wrong", f"{of} elements; the worst at [{at}]: {worst}")


def of_part(
    layer: LayerReport, part: Part, hints: str = "cause", show_expected: bool = False
) -> str:
    """Return what is to be said of a part of a layer; its first line says it shortly."""
    if part.status == SKIPPED:
        why = ", ".join(layer.skipped) or "it is not in the file"
        return f"not attempted: {why}"
    if part.status == NOT_REACHED:
        return f"not reached: {clean(layer.text) or 'what comes before it is wrong'}"
    if not part.errors:
        notes = [f"note: {headline(f)}: {hint(f, hints)}" for f in part.notes]
        return "\n".join([f"right in {_count(part.cases, 'case')}", *notes])
    first = part.errors[0]
    short = f"{headline(first)}: {first.cause.id}: {hint(first, hints)}"
    found = ["\n".join(of_finding(layer, f, hints, show_expected)) for f in part.errors]
    return "\n\n".join([short.removesuffix(": "), *found])


def _about_the_file(report: FileReport) -> list[str]:
    lines = []
    if report.uses_pytorch:
        lines += _wrapped(f"uses PyTorch: {', '.join(report.uses_pytorch)}", "  ", "    ")
    if report.tried:
        lines += _wrapped(f"was refused: {'; '.join(report.tried)}", "  ", "    ")
    if report.printed_lines:
        lines.append(f"  printed {_count(report.printed_lines, 'line')}, which are not shown")
    return ["", *lines] if lines else []


def _cases(finding: Finding, report: LayerReport) -> str:
    ran = set(report.ran.get(part_of(finding), ())) | set(finding.cases)
    shown = list(finding.cases[:6])
    more = len(finding.cases) - len(shown)
    names = ", ".join(f"'{name}'" for name in shown) + (f" and {more} more" if more else "")
    return f"{len(finding.cases)} of {_count(len(ran), 'case')}: {names}"


def _array(name: str, array: np.ndarray, wrong: np.ndarray | None) -> list[str]:
    kind = "" if array.dtype == np.float64 else f" {array.dtype}"
    shape = ", ".join(map(str, array.shape)) + ("," if array.ndim == 1 else "")
    head = f"  {name} ({shape}){kind}"
    if array.size == 1:
        return [f"{head} = {grid(array, wrong)[-1].strip()}"]
    return [head, *(f"  {line}" for line in grid(array, wrong))]


def _labelled(label: str, said: str) -> list[str]:
    return _wrapped(said, f"  {label:<10}", " " * 12)


def _wrapped(said: str, first: str, then: str = "") -> list[str]:
    return textwrap.wrap(
        clean(said), WIDTH, initial_indent=first, subsequent_indent=then or " " * len(first)
    )


def _count(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}"

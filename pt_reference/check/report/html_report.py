"""The report as one page that needs nothing else: no network, no scripts."""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from pt_reference.check.compare import difference
from pt_reference.check.report import heat_map
from pt_reference.check.report.class_table import frequent_causes
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
from pt_reference.check.results import ERROR, NOT_ATTEMPTED, PASS, FileReport, Finding, LayerReport

_STYLE = """
:root{color-scheme:light dark;
--ink:#1a1a1a;--paper:#fff;--soft:#5c5c5c;--line:#d4d4d4;--card:#f6f6f4}
@media(prefers-color-scheme:dark){
:root{--ink:#ececec;--paper:#16181b;--soft:#a8a8a8;--line:#3d4046;--card:#1f2226}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.25rem;margin-top:2.5rem;overflow-wrap:anywhere}
h3{font-size:1.05rem;margin:0}
table.list{border-collapse:collapse;width:100%}
.list th,.list td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);
vertical-align:top;font-weight:400}
.list thead th{color:var(--soft);font-size:.85rem}
.wide{overflow-x:auto}
.bad,.list .bad{font-weight:700}.none{color:var(--soft)}
article{background:var(--card);border:1px solid var(--line);border-left:.35rem solid #b35806;
padding:1rem 1.2rem;margin:1.2rem 0;border-radius:.3rem}
article.note{border-left-color:#2166ac}
code{font-size:.9em;border:1px solid var(--line);border-radius:.25rem;padding:.05rem .35rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.8rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.arrays{display:flex;flex-wrap:wrap;gap:1rem 2rem;align-items:flex-start}
.arrays+.arrays{margin-top:1rem;padding-top:1rem;border-top:1px solid var(--line)}
figure{margin:0;max-width:100%}figcaption{font-size:.9rem}
.shape{color:var(--soft);font-size:.85rem}
.tables{display:flex;flex-wrap:wrap;gap:.6rem 1rem;overflow-x:auto}
.map{border-collapse:separate;border-spacing:1px;font:12px/1.2 ui-monospace,monospace}
.map caption{text-align:left;color:var(--soft);caption-side:top;white-space:nowrap}
.map th{color:var(--soft);font-weight:400;padding:.1rem .3rem}
.map td{padding:.3rem .4rem;text-align:right;white-space:nowrap}
.map .wrong{outline:2px solid currentColor;outline-offset:-2px;font-weight:700}
.map .odd{background:repeating-linear-gradient(45deg,#ddd 0 4px,#fff 4px 8px);color:#000}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
"""


def html_report(
    reports: Sequence[FileReport], hints: str = "cause", show_expected: bool = False
) -> str:
    """Return the text of the page."""
    title = clean(reports[0].path) if len(reports) == 1 else f"{len(reports)} files"
    body = [*_class(reports, hints)] if len(reports) > 1 else []
    for i, report in enumerate(reports):
        body += _file(report, i, hints, show_expected)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>minigrad check: {escape(title)}</title>\n"
        f"<style>{_STYLE}{heat_map.style()}</style>\n</head>\n<body>\n<main>\n"
        "<h1>minigrad check: layers held against PyTorch</h1>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _class(reports: Sequence[FileReport], hints: str) -> Iterator[str]:
    layers = list(reports[0].layers)
    heads = "".join(f"<th scope=col>{name}</th>" for name in ["file", *layers])
    yield f"<div class=wide><table class=list><thead><tr>{heads}</tr></thead>"
    for i, report in enumerate(reports):
        link = f'<th scope=row><a href="#file{i}">{escape(clean(report.path))}</a></th>'
        if report.problem:
            cells = f"<td colspan={len(layers)}>{escape(clean(report.problem))}</td>"
        else:
            cells = "".join(f"<td{_verdict(layer)}</td>" for layer in report.layers.values())
        yield f"<tr>{link}{cells}</tr>"
    yield "</table></div>"
    if found := frequent_causes(reports):
        yield "<h2>The most frequent first mistakes</h2><ol>"
        for n, layer, f in found[:10]:
            said = f"{layer}: {headline(f)}: {hint(f, hints)}"
            count = f"{n} file{'' if n == 1 else 's'}"
            yield f"<li>{escape(said)} <code>{escape(f.cause.id)}</code>, {count}</li>"
        yield "</ol>"


def _file(report: FileReport, number_: int, hints: str, show_expected: bool) -> Iterator[str]:
    yield f'<section aria-labelledby="file{number_}">'
    yield f'<h2 id="file{number_}">{escape(clean(report.path))}</h2>'
    if report.problem:
        yield f"<p class=bad>{escape(clean(report.problem))}</p></section>"
        return
    heads = ("layer", "verdict", "checks", "errors", "notes", "skipped, and why")
    yield "<div class=wide><table class=list><thead><tr>"
    yield "".join(f"<th scope=col>{head}</th>" for head in heads) + "</tr></thead>"
    for layer in report.layers.values():
        errors = sum(f.severity == ERROR for f in layer.findings)
        skipped = ", ".join(f"{why} ({n})" for why, n in layer.skipped.items())
        cells = [str(layer.checks), str(errors), str(len(layer.findings) - errors), skipped]
        cells = ["", "", "", ""] if layer.verdict == NOT_ATTEMPTED else cells
        text = f": {escape(clean(layer.text))}" if layer.text else ""
        yield f"<tr><th scope=row>{layer.name}</th><td{_verdict(layer)}{text}</td>"
        yield "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    yield "</table></div>"
    if report.uses_pytorch:
        yield f"<p>Uses PyTorch: {escape(', '.join(report.uses_pytorch))}</p>"
    if report.tried:
        yield f"<p>Was refused: {escape('; '.join(clean(t) for t in report.tried))}</p>"
    found = [(name, f) for name, layer in report.layers.items() for f in layer.findings]
    for name, finding in sorted(found, key=lambda pair: pair[1].severity != ERROR):
        yield from _finding(name, finding, hints, show_expected)
    yield "</section>"


def _finding(layer: str, finding: Finding, hints: str, show_expected: bool) -> Iterator[str]:
    case = finding.failure.case
    yield f"<article class={finding.severity}>"
    head = f"{layer}: {finding.severity}: {headline(finding)}"
    yield f"<h3>{escape(head)} <code>{escape(finding.cause.id)}</code></h3><dl>"
    said = said_of(finding, hints)
    if look := where_to_look(finding):
        said.append(("look in", look))
    said.append(("seen in", ", ".join(finding.cases)))
    wrong = _wrong(finding)
    if wrong is not None:
        said.append(("worst", _worst(finding, show_expected)))
    drawn = finding.check not in ("import", "initialisation") and (
        finding.failure.problem != "beyond_contract"
    )
    if drawn:
        said.append(("smallest", f"{call(layer, case)}, the case '{case.name}'"))
    yield "".join(f"<dt>{label}</dt><dd>{escape(text)}</dd>" for label, text in said) + "</dl>"
    if drawn:
        given = arrays_of(layer, finding).items()
        yield "<div class=arrays>"
        yield "".join(heat_map.heat_map(name, array) for name, array in given)
        yield f"</div><div class=arrays>{''.join(_answers(finding, show_expected, wrong))}</div>"
    yield "</article>"


def _answers(finding: Finding, show_expected: bool, wrong: np.ndarray | None) -> Iterator[str]:
    """Return the heat maps of yours, PyTorch's and the difference; the first two on one scale."""
    shown = answers(finding, show_expected)
    scale = heat_map.scale_of(*shown.values()) if shown else 1.0
    for name, array in shown.items():
        mask = wrong if array is finding.failure.yours else None
        yield heat_map.heat_map(f"{finding.where}, {name}", array, scale, mask)
    if wrong is not None and len(shown) == 2:
        with np.errstate(all="ignore"):
            gap = finding.failure.yours.astype(float) - finding.failure.expected
        yield heat_map.heat_map("the difference", np.where(gap == gap, gap, np.nan), None, wrong)


def _wrong(finding: Finding) -> np.ndarray | None:
    yours, expected = finding.failure.yours, finding.failure.expected
    if yours is None or expected is None or yours.shape != expected.shape:
        return None
    found = difference(yours, expected)
    return None if found is None else found.wrong


def _worst(finding: Finding, show_expected: bool) -> str:
    yours, expected = finding.failure.yours, finding.failure.expected
    found = difference(yours, expected)
    at = ", ".join(map(str, found.index))
    value = f"[{at}]: yours is {number(yours[found.index])}"
    if show_expected:
        value += f", PyTorch's is {number(expected[found.index])}"
    wrong = f"{int(found.wrong.sum())} of {found.wrong.size} elements are wrong"
    return f"{value}, off by about {about(found.max_abs_error)}; {wrong}"


def _verdict(layer: LayerReport) -> str:
    """Return the rest of a cell: its class, and the verdict."""
    if layer.verdict == NOT_ATTEMPTED:
        return f" class=none>{layer.verdict}"
    return f">{layer.verdict}" if layer.verdict == PASS else f" class=bad>{layer.verdict}"

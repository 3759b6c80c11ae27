"""JUnit's XML, which every continuous integration reads: a suite a file, a test a layer's part."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from pt_reference.check.report.parts import FAILED, NOT_REACHED, SKIPPED, Part, parts
from pt_reference.check.report.terminal import of_part
from pt_reference.check.report.words import clean
from pt_reference.check.results import CRASHED, TIMED_OUT, FileReport, LayerReport

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(
    reports: Sequence[FileReport], hints: str = "cause", show_expected: bool = False
) -> str:
    """Return the text of the file."""
    suites = Xml.Element("testsuites", name="minigrad check")
    for report in reports:
        _suite(suites, report, hints, show_expected)
    _count(suites, suites)
    Xml.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(suites, "unicode") + "\n"


def _suite(parent: Xml.Element, report: FileReport, hints: str, show_expected: bool) -> None:
    suite = Xml.SubElement(parent, "testsuite", name=clean(report.path))
    if report.problem:
        case = Xml.SubElement(suite, "testcase", classname=clean(report.path), name="file")
        Xml.SubElement(case, "error", message=clean(report.problem), type="file")
    for layer in report.layers.values():
        if report.problem:
            continue
        for part in parts(layer):
            case = Xml.SubElement(
                suite, "testcase", classname=clean(f"{report.path}.{layer.name}"), name=part.name
            )
            _result(case, layer, part, of_part(layer, part, hints, show_expected))
    _count(suite, suite)
    seconds = sum(layer.seconds for layer in report.layers.values())
    suite.set("time", f"{seconds:.3f}")


def _result(case: Xml.Element, layer: LayerReport, part: Part, text: str) -> None:
    if part.status == SKIPPED:
        Xml.SubElement(case, "skipped", message=_text(text.partition("\n")[0]))
    elif part.status == FAILED:
        cause = part.errors[0].cause
        failure = Xml.SubElement(case, "failure", type=cause.id)
        failure.set("message", _text(text.partition("\n")[0]))
        failure.text = _text(text)
    elif part.status == NOT_REACHED:
        ended = layer.verdict in (CRASHED, TIMED_OUT)
        kind = layer.verdict.replace(" ", "_") if ended else "not_reached"
        Xml.SubElement(case, "error", type=kind, message=_text(text.partition("\n")[0]))
    elif part.notes:
        Xml.SubElement(case, "system-out").text = _text(text)


def _count(element: Xml.Element, over: Xml.Element) -> None:
    element.set("tests", str(sum(1 for _ in over.iter("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(1 for _ in over.iter(tag))))


def _text(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _NOT_XML.sub("?", text.encode("utf-8", "replace").decode())

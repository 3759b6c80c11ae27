"""Pages, pictures and programs of a pass, and the reports of a check: a name is no part of them.

The report of a run on house numbers is tried with the same name in tests/svhn/test_run_report.py.
"""

import ast
import dataclasses
import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

import minigrad
from minigrad.explain import explain
from pt_reference.check.report.class_table import class_table
from pt_reference.check.report.gradescope import gradescope_report
from pt_reference.check.report.html_report import html_report
from pt_reference.check.report.json_report import json_report
from pt_reference.check.report.junit import junit_report

from ..check.made_up_reports import file_report, wrong
from ..svhn.read_html import Page
from .name import FILE, NAME, one_line

SHOWN = one_line(NAME)


@pytest.fixture
def explanation():
    x = minigrad.tensor([1.0, -2.0], requires_grad=True)
    found = explain(lambda x: (x * x).sum(), x)
    found.trace.values[0].name = NAME
    for step in found.trace.steps:
        step.path = NAME
    found.title = NAME
    return found


def test_the_page_of_a_pass(explanation):
    page = Page(re.sub(r"<option>\d", "", explanation.html()))
    plain = explain(lambda x: (x * x).sum(), minigrad.tensor([1.0, -2.0], requires_grad=True))
    assert [tag for tag, _ in page.elements] == [
        tag for tag, _ in Page(re.sub(r"<option>\d", "", plain.html())).elements
    ]
    assert page.texts["title"] == page.texts["h1"] == [NAME]
    trace = json.loads(page.texts["script"][0])
    assert trace["values"][0]["name"] == trace["steps"][0]["path"] == NAME


def test_the_frame_of_a_notebook(explanation):
    (frame,) = Page(explanation._repr_html_()).elements
    assert frame[1]["title"] == NAME
    assert frame[1]["srcdoc"] == explanation.html()


def test_the_picture_of_a_graph(explanation):
    drawing = ElementTree.fromstring(explanation.svg())
    assert SHOWN in [
        one_line("".join(e.itertext())) for e in drawing.iter() if e.tag.endswith("text")
    ]
    kinds = {element.tag.rpartition("}")[2] for element in drawing.iter()}
    assert kinds <= {"svg", "style", "defs", "marker", "path", "g", "title", "rect", "text"}


def test_mermaid(explanation):
    begin, *rows = explanation.mermaid().splitlines()
    assert begin == "flowchart LR"
    for row in rows:
        assert re.fullmatch(r'  n\d+(\(?\["[^"]*"\]\)?| (-- "[^"]*" )?--> n\d+)', row)
        assert not re.search("<(?!br>)", row)


def test_the_program_of_a_pass(explanation, tmp_path):
    path = tmp_path / f"{FILE}.py"
    explanation.save(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert {type(node) for node in tree.body} == {ast.Expr, ast.Import, ast.Assign, ast.For}
    assert f"{FILE}.npz" in ast.get_docstring(tree, clean=False)
    run = subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, check=True)
    assert run.stdout.startswith(NAME)
    assert "as in minigrad" in run.stdout


@pytest.fixture
def reports():
    broken = dataclasses.replace(file_report(NAME), problem=NAME)
    return [dataclasses.replace(wrong(), path=NAME), broken]


def test_the_page_of_a_check(reports):
    def tags(found):
        return re.findall(r"<(/?\w+)", html_report(found))

    assert tags(reports) == tags([dataclasses.replace(r, path="a.py") for r in reports])
    for found in (reports[:1], reports):
        content = html_report(found)
        assert "<img" not in content
        assert "</script" not in content


def test_junit(reports):
    root = ElementTree.fromstring(junit_report(reports))
    assert [suite.get("name") for suite in root.iter("testsuite")] == [SHOWN, SHOWN]
    assert [e.get("message") for e in root.iter("error") if e.get("type") == "file"] == [SHOWN]
    kinds = {element.tag for element in root.iter()}
    assert kinds <= {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "error",
        "skipped",
        "system-out",
    }


def test_reports_as_data(reports):
    assert json.loads(json_report(reports))["files"][0]["file"] == SHOWN
    assert SHOWN in json.loads(gradescope_report(reports))["output"]


def test_the_table_of_a_class(reports):
    lines = class_table(reports).splitlines()
    assert len([line for line in lines if "onerror" in line or "%s" in line]) == 2
    assert max(map(len, lines)) <= 80

"""The reports for programs and browsers: their formats, and the points they give."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from pt_reference.check.cases import Case
from pt_reference.check.checker import check_file
from pt_reference.check.contract import LAYERS
from pt_reference.check.report import heat_map
from pt_reference.check.report.gradescope import gradescope_report
from pt_reference.check.report.html_report import html_report
from pt_reference.check.report.json_report import json_report
from pt_reference.check.report.junit import junit_report
from pt_reference.check.report.parts import part_names, parts
from pt_reference.check.report.terminal import text
from pt_reference.check.results import (
    ERROR,
    FAIL,
    NOTE,
    PASS,
    TIMED_OUT,
    Cause,
    Failure,
    Finding,
    LayerReport,
)

from .made_up_reports import file_report, finding, right, wrong
from .mistakes import MISTAKES

PLAIN = Path(__file__).with_name("students") / "plain.py"


def check(mistake, folder):
    (folder / "layers.py").write_text(mistake.source)
    return check_file(folder / "layers.py", [mistake.layer])


# JSON


def assert_json_is_as_documented(report):
    assert set(report) == {
        *("file", "seed", "passed", "problem", "uses_pytorch", "tried", "printed_lines", "layers")
    }
    for name, layer in report["layers"].items():
        assert name in LAYERS
        assert layer["verdict"] in {"pass", "fail", "not attempted", "crashed", "timed out"}
        assert layer["skipped"] == sum(layer["skipped_why"].values())
        assert isinstance(layer["checks"], int)
        assert list(layer["parts"]) == part_names(name)
        for said in layer["findings"]:
            assert {*said} - {"expected"} == {
                *("check", "where", "severity", "cause", "hint", "text", "counterexample"),
                *("index", "max_abs_error", "fits_own_forward", "cases", "yours"),
            }
            assert said["severity"] in {"error", "note"}
            assert re.fullmatch(r"[a-z_0-9]+(:\w+)?", said["cause"])
            assert set(said["counterexample"]) == {"case", "call", "options", "inputs", "shapes"}
            for k, numbers in said["counterexample"]["inputs"].items():
                assert list(np.shape(numbers)) == said["counterexample"]["shapes"][k]


def test_json_of_one_file_and_of_several():
    one = json.loads(json_report([wrong()]))
    assert one.pop("version") == 1
    assert_json_is_as_documented(one)
    assert one["passed"] is False
    several = json.loads(json_report([wrong(), right()]))
    assert several["version"] == 1
    assert several["files"][0] == one
    assert several["files"][1]["passed"] is True


def test_json_has_what_is_needed_to_repeat_a_finding(tmp_path):
    report = check(MISTAKES["weight gradient transposed"], tmp_path)
    (said,) = json.loads(json_report([report]))["layers"]["Linear"]["findings"][:1]
    inputs = {k: np.array(v) for k, v in said["counterexample"]["inputs"].items()}
    transposed = inputs["x"].T @ inputs["grad_output"]
    np.testing.assert_allclose(said["yours"], transposed, rtol=1e-12)


def test_json_lacks_no_number():
    failure = Failure(
        Case("base", {"x": np.array([np.nan, -np.inf])}), "forward", "output", "values"
    )
    layer = LayerReport("ReLU", FAIL, findings=[Finding(failure, Cause("unstable"), ERROR, ())])
    said = json.loads(json_report([file_report(ReLU=layer)]))["layers"]["ReLU"]["findings"][0]
    assert said["counterexample"]["inputs"]["x"] == ["nan", "-inf"]


# JUnit


def test_junit_counts_what_it_holds():
    broken = file_report("b.py")
    broken.problem = "does not parse"
    late = file_report("c.py", ReLU=LayerReport("ReLU", TIMED_OUT, text="it did not end in time"))
    root = ElementTree.fromstring(junit_report([wrong(), broken, late]))
    assert root.tag == "testsuites"
    assert [suite.tag for suite in root] == ["testsuite"] * 3
    for element in (root, *root):
        tags = ("testcase", "failure", "error", "skipped")
        counts = [len(list(element.iter(tag))) for tag in tags]
        assert counts == [int(element.get(k)) for k in ("tests", "failures", "errors", "skipped")]
    assert [int(suite.get("failures")) for suite in root] == [1, 0, 0]
    assert [int(suite.get("errors")) for suite in root] == [0, 1, 4]
    assert [int(suite.get("skipped")) for suite in root] == [2, 0, 2]  # Adamax
    (failure,) = root.iter("failure")
    assert failure.get("type") == "sign"
    assert failure.text.endswith(text(wrong()).partition("Adamax\n\n")[2])
    assert root[0][1].attrib == {"classname": "a.py.ReLU", "name": "grad_input"}


# Gradescope


def test_gradescope_gives_credit_for_what_is_right():
    said = json.loads(gradescope_report([wrong()]))
    points = {test["name"]: (test["score"], test["max_score"]) for test in said["tests"]}
    assert points == {
        "ReLU: output": (4.0, 4.0),
        "ReLU: grad_input": (1.33, 4.0),  # right in one case of three
        "ReLU: determinism": (1.0, 1.0),
        "ReLU: side effects": (1.0, 1.0),
        "Adamax: update": (0.0, 9.0),  # not attempted: leave it out with --layer ReLU
        "Adamax: side effects": (0.0, 1.0),
    }
    assert said["score"] == 7.33
    assert {test["status"] for test in said["tests"]} == {"passed", "failed"}
    keys = {"score", "max_score", "status", "name", "number", "output", "tags", "visibility"}
    assert {frozenset(test) for test in said["tests"]} == {frozenset(keys)}
    formats = {said[k] for k in ("output_format", "test_output_format", "test_name_format")}
    assert formats == {"text"}
    assert said["visibility"] == "visible"
    assert "one sign is the other" in said["tests"][1]["output"]


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_is_worth_ten_points(layer):
    assert sum(p.points for p in parts(LayerReport(layer))) == 10


def test_a_layer_that_ends_the_process_earns_nothing():
    ran = {name: ["base"] for name in part_names("ReLU")}
    assert sum(p.earned for p in parts(LayerReport("ReLU", PASS, ran=ran))) == 10
    assert sum(p.earned for p in parts(LayerReport("ReLU", TIMED_OUT, ran=ran))) == 0


def test_who_computes_nothing_right_earns_nothing_for_changing_nothing():
    ran = {name: ["base"] for name in part_names("ReLU")}
    nothing = Finding(finding(check="forward").failure, Cause("forward_differs"), ERROR, ("base",))
    earned = {
        p.name: p.earned for p in parts(LayerReport("ReLU", FAIL, ran=ran, findings=[nothing]))
    }
    assert set(earned.values()) == {0.0}


def test_notes_cost_nothing():
    ran = {name: ["base"] for name in part_names("ReLU")}
    layer = LayerReport("ReLU", PASS, ran=ran, findings=[finding(NOTE, convention="kink")])
    assert sum(p.earned for p in parts(layer)) == 10


def test_a_layer_in_one_of_several_files_counts_there():
    without = file_report("b.py")
    names = [test["name"] for test in json.loads(gradescope_report([wrong(), without]))["tests"]]
    assert [n for n in names if "b.py" in n] == []
    assert "a.py: ReLU: output" in names
    alone = json.loads(gradescope_report([without]))
    assert alone["score"] == 0
    assert {t["max_score"] for t in alone["tests"]} >= {4.0, 9.0}


# HTML


class Page(HTMLParser):
    """Checks that tags are closed in their order, and keeps them."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.stack = [], []
        self.feed(content)
        assert self.stack == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag != "meta":
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


@pytest.mark.parametrize("show_expected", [False, True])
def test_the_page_needs_nothing_else(show_expected):
    content = html_report([wrong(), right()], show_expected=show_expected)
    page = Page(content)
    assert not re.search(r"https?:|src=|url\(|@import|<script|<link|<iframe", content)
    assert ("html", {"lang": "en"}) in page.tags
    tags = [tag for tag, _ in page.tags]
    maps = sum(attributes.get("class") == "map" for _, attributes in page.tags)
    assert maps == (5 if show_expected else 3)  # x, grad_output, yours; PyTorch's, the difference
    assert tags.count("caption") == maps  # for screen readers
    assert {a.get("scope") for tag, a in page.tags if tag == "th"} == {"row", "col"}
    assert content.count(">wrong: </span>") == (2 if show_expected else 1)
    assert "prefers-color-scheme:dark" in content


def test_the_page_shows_names_as_they_are():
    content = html_report([file_report("<b>&.py")])
    assert "<b>" not in content
    assert "&lt;b&gt;&amp;.py" in content


def test_every_colour_can_be_read():
    rules = re.findall(r"background:#(\w{6});color:#(\w{3})", heat_map.style())
    assert len(rules) == 2 * heat_map.LEVELS + 1
    for background, ink in rules:
        assert contrast(background, "".join(2 * c for c in ink)) >= 4.5


def contrast(*colours):
    """Return the contrast as the Web Content Accessibility Guidelines define it."""
    light = []
    for colour in colours:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        light.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    return max(light) / min(light)


def test_a_right_file_passes_in_every_report(tmp_path):
    (tmp_path / "right.py").write_text(PLAIN.read_text())
    report = check_file(tmp_path / "right.py", ["Linear", "ReLU"])
    assert "pass" in text(report)
    root = ElementTree.fromstring(junit_report([report]))
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("0", "0", "0")
    assert json.loads(gradescope_report([report]))["score"] == 20
    said = json.loads(json_report([report]))
    said.pop("version")
    assert_json_is_as_documented(said)
    Page(html_report([report]))

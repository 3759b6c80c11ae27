"""The reports: what they say word for word, their formats, and that they keep PyTorch's numbers."""

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from pt_reference.check.cases import Case
from pt_reference.check.checker import check_file
from pt_reference.check.compare import difference
from pt_reference.check.contract import LAYERS
from pt_reference.check.oracle import answers
from pt_reference.check.report import heat_map
from pt_reference.check.report.class_table import class_table, short_names
from pt_reference.check.report.gradescope import gradescope_report
from pt_reference.check.report.grids import AT_MOST, grid
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
    FileReport,
    Finding,
    LayerReport,
)

from .mistakes import MISTAKES

PLAIN = Path(__file__).with_name("students") / "plain.py"

X = np.array([[1.5, -2.0]])
EXPECTED, YOURS = np.array([[0.25, 0.75]]), np.array([[0.25, -0.75]])


def finding(severity=ERROR, check="backward", where="grad_input", **more):
    case = Case("base", {"x": X}, grad_output=np.array([[0.5, 4.0]]))
    failure = Failure(case, check, where, "values", YOURS, EXPECTED, fits=False, **more)
    cause = Cause("sign", "in column 1", "one sign is the other", "look at the minus")
    return Finding(failure, cause, severity, ("base", "N=1"), (0, 1), 1.5)


def file_report(path="a.py", **layers):
    return FileReport(
        path, 0, {"ReLU": LayerReport("ReLU"), "Adamax": LayerReport("Adamax")} | layers
    )


def right():
    ran = {"output": ["base", "N=1"], "grad_input": ["base"], "determinism": ["base"]}
    layer = LayerReport("ReLU", PASS, "plain class", ran, {"no option dim": 2})
    return file_report(ReLU=layer)


def wrong():
    ran = {"output": ["base", "N=1"], "grad_input": ["base", "N=1", "images"]}
    ran |= {"determinism": ["base"], "side effects": ["base"]}
    layer = LayerReport("ReLU", FAIL, "plain class", ran, findings=[finding()])
    return file_report(ReLU=layer)


# In words


def test_a_right_file_in_words():
    assert text(right()) == (
        "a.py\n"
        "\n"
        "  ReLU        pass           4 checks, 2 cases skipped\n"
        "              skipped: no option dim (2)\n"
        "  not attempted: Adamax"
    )


WRONG = """\
a.py

  ReLU        FAIL           7 checks, 1 error
  not attempted: Adamax

ReLU: error: grad_input is wrong                                            sign
--------------------------------------------------------------------------------
  hint      one sign is the other
  look in   backward: it is not the derivative of your own forward
  seen in   2 of 3 cases: 'base', 'N=1'
  smallest  ReLU(), the case 'base'

  x (1, 2)
    1.5  -2
  grad_output (1, 2)
    0.5  4
  grad_input, yours (1, 2)
    0.25  !-0.75
  ! wrong   1 of 2 elements; the worst at [0, 1]: yours is -0.75, off by about
            1.5"""


def test_a_wrong_file_in_words():
    assert text(wrong()) == WRONG


def test_expected_values_in_words_if_asked_for():
    said = text(wrong(), show_expected=True)
    assert "  grad_input, PyTorch (1, 2)\n    0.25  0.75\n" in said
    assert "yours is -0.75, 0.75 is expected" in " ".join(said.split())


@pytest.mark.parametrize(
    ("hints", "said"),
    [
        ("axis", "in column 1"),
        ("cause", "one sign is the other"),
        ("line", "one sign is the other; look at the minus"),
    ],
)
def test_hints_say_more_and_more(hints, said):
    assert f"  hint      {said}\n" in text(wrong(), hints)
    assert (
        json.loads(json_report([wrong()], hints))["layers"]["ReLU"]["findings"][0]["hint"] == said
    )


def test_no_line_is_longer_than_80_columns():
    said = text(check(MISTAKES["grad_input flipped"])) + "\n" + text(check(MISTAKES["sign"]))
    assert max(map(len, said.split("\n"))) <= 80


def test_what_a_file_says_cannot_repaint_the_terminal():
    layer = LayerReport("ReLU", TIMED_OUT, text="\x1b[2J\x07 all \r\n fine \ud800")
    report = file_report(path="\x1b]0;a.py", ReLU=layer)
    for said in (text(report), class_table([report, report])):
        assert all(c.isprintable() or c == "\n" for c in said)
        said.encode()
    ElementTree.fromstring(junit_report([report]))
    assert "\x1b" not in html_report([report]) + json_report([report]) + gradescope_report([report])


def test_long_arrays_are_cut():
    lines = grid(np.arange(4000.0).reshape(10, 10, 40))
    assert len(lines) == AT_MOST + 1
    assert lines[-1] == "..."
    assert max(map(len, lines)) <= 76
    assert grid(np.zeros((0, 3))) == ["(empty)"]
    assert grid(np.array(2.5)) == ["  2.5"]


# A class


def test_the_table_of_a_class():
    broken = file_report("work/c.py")
    broken.problem = "no such file"
    first, second = wrong(), right()
    first.path, second.path = "work/a.py", "work/b.py"
    assert class_table([first, second, broken, first]) == (
        "file      ReLU  Adamax\n"
        "----------------------\n"
        "a.py      FAIL       -\n"
        "b.py      pass       -\n"
        "c.py     no such file\n"
        "a.py      FAIL       -\n"
        "----------------------\n"
        "passing      1       0\n"
        "\n"
        "Most frequent first mistakes:\n"
        "    2  ReLU: grad_input is wrong [sign]\n"
        "       one sign is the other\n"
        "\n"
        "For the examples that show a file's mistakes: minigrad check FILE.py"
    )


def test_names_of_files_fit():
    assert short_names(["/a/b/anna.py", "c/bert.py"], 30) == ["/a/b/anna.py", "c/bert.py"]
    many = [f"hand_in/{'student' * 5}_{i}/layers.py" for i in range(3)]
    names = short_names(many, 18)
    assert max(map(len, names)) <= 18


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


def test_json_has_what_is_needed_to_repeat_a_finding():
    report = check(MISTAKES["weight gradient transposed"])
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
    assert failure.text.endswith(WRONG.partition("Adamax\n\n")[2])
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


# PyTorch's numbers stay hidden

REPORTS = {
    "terminal": lambda reports, **o: text(reports[0], **o),
    "json": json_report,
    "html": html_report,
    "junit": junit_report,
    "gradescope": gradescope_report,
}
NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*(?:e[+-]?\d+)?")
_folder = {}


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    _folder["path"] = tmp_path_factory.mktemp("students")


def check(mistake):
    path = _folder["path"] / "layers.py"
    path.write_text(mistake.source)
    return check_file(path, [mistake.layer])


def all_wrong(layer):
    """Return a report in which every quantity of a layer's first case is wrong, and PyTorch's."""
    case, right = answers(layer, 0)[0]
    quantities = {k: v for k, v in right.items() if k != "grad_output"}
    findings = []
    for name, expected in quantities.items():
        yours = expected * 1.37 + 0.11
        check = {"output": "forward"}.get(name, "backward") if "step" not in name else "optimizer"
        where = "update" if check == "optimizer" else name
        step = 1 if check == "optimizer" else 0
        failure = Failure(case, check, where, "values", yours, expected, fits=False, step=step)
        wrong = difference(yours, expected)
        cause = Cause(f"{check}_differs", "everywhere", "the numbers differ")
        findings.append(
            Finding(failure, cause, ERROR, (case.name,), wrong.index, wrong.max_abs_error)
        )
    report = LayerReport(layer, FAIL, "plain class", findings=findings)
    shown = [*case.inputs.values(), *[f.failure.yours for f in findings]]
    shown += [v for k, v in right.items() if k == "grad_output"]
    return FileReport("a.py", 0, {layer: report}), list(quantities.values()), shown


@pytest.mark.parametrize("write", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("layer", LAYERS)
def test_expected_values_are_shown_only_if_asked_for(layer, write):
    report, expected, known = all_wrong(layer)
    secret = {n for array in expected for n in numbers_of(array)}
    secret -= {n for array in known for n in numbers_of(array)}
    assert secret or layer in ("ReLU", "MaxPool2d")  # which make no number that was not there
    for hints in ("axis", "cause", "line"):
        assert secret & set(NUMBER.findall(write([report], hints=hints))) == set()
    if secret:
        assert secret & set(NUMBER.findall(write([report], show_expected=True)))


def numbers_of(array):
    """Return how a report could write an array's numbers, but for 0.5, which chance may write."""
    values = [v for v in np.asarray(array).ravel().tolist() if math.isfinite(v)]
    return {form for v in values for form in (f"{v:.4g}", repr(v)) if len(form) > 5}


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

"""The reports for people: word for word, and within their 80 columns."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

from pt_reference.check.checker import check_file
from pt_reference.check.report.class_table import class_table, short_names
from pt_reference.check.report.gradescope import gradescope_report
from pt_reference.check.report.grids import AT_MOST, grid
from pt_reference.check.report.html_report import html_report
from pt_reference.check.report.json_report import json_report
from pt_reference.check.report.junit import junit_report
from pt_reference.check.report.terminal import text
from pt_reference.check.results import TIMED_OUT, LayerReport

from .made_up_reports import file_report, right, wrong
from .mistakes import MISTAKES


def check(mistake, folder):
    (folder / "layers.py").write_text(mistake.source)
    return check_file(folder / "layers.py", [mistake.layer])


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


def test_no_line_is_longer_than_80_columns(tmp_path):
    for name in ("grad_input flipped", "sign"):
        path, *lines = text(check(MISTAKES[name], tmp_path)).split("\n")
        assert path.endswith(".py")  # as long as it is
        assert max(map(len, lines)) <= 80


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

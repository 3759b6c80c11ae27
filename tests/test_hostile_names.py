"""A run, a path or a layer may be called anything: each output shows the name, and does no more.

The report of a run on house numbers, both as a page and as Markdown, is tried with the same name in
tests/svhn/test_run_report.py.
"""

import ast
import dataclasses
import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from markdown_it import MarkdownIt
from matplotlib.figure import Figure

import minigrad
from experiments import digits_experiment, figures
from experiments.benchmarks import chart, output, report
from experiments.benchmarks.row import OURS, PYTORCH, Key, Row
from experiments.cli import fail, parser
from experiments.markdown import code
from experiments.profiling import memory_chart, timing, timing_chart
from experiments.profiling.memory import Memory, Save
from experiments.report import Published, Report, table
from experiments.run import Result
from experiments.settings import Settings
from experiments.training import Epoch
from minigrad.explain import explain
from pt_reference.check.report.class_table import class_table
from pt_reference.check.report.gradescope import gradescope_report
from pt_reference.check.report.html_report import html_report
from pt_reference.check.report.json_report import json_report
from pt_reference.check.report.junit import junit_report

from .check.made_up_reports import file_report, wrong
from .hostile import FILE, NAME, one_line
from .svhn.read_html import Page

SHOWN = one_line(NAME)


# Figures

too_long = pytest.mark.filterwarnings("ignore:constrained_layout not applied")


def words(figure):
    """Every text of a figure, from its drawing."""
    content = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(content, format="svg")
    drawing = ElementTree.fromstring(content.getvalue())
    return one_line(" ".join("".join(text.itertext()) for text in drawing.iter() if text.text))


@pytest.fixture
def result():
    settings = Settings("digits", "torch", NAME, 0, "float32", "cpu", 9, 2, 0.1, 0.0, 64)
    history = [Epoch(k, None, 2.0, 0.5, 0.1) for k in range(3)]
    return Result(settings, history, 1, 0.3, 0.1, np.array([1]), np.zeros((1, 10)), Path("a"))


def test_matplotlib_would_read_a_formula():
    figure = Figure()
    figure.suptitle(NAME)
    with pytest.raises(ValueError, match="frac"):
        words(figure)


def test_the_curves_of_a_run(result):
    for figure in figures.validation_curves(result).values():
        assert SHOWN.upper() in words(figure)


@too_long
def test_the_comparison_of_runs(result, monkeypatch):
    monkeypatch.setitem(figures.COLORS, NAME, "red")
    assert SHOWN.upper() in words(figures.comparison([result]))


def test_the_charts_of_bench():
    rows = [
        Row(Key("epochs", NAME), {OURS: [1.0, 2.0], PYTORCH: [4.0, 4.0], f"of {NAME}": [1.0]}),
        Row(Key("memory", f"a {NAME}"), {OURS: [1.0, 2.0], PYTORCH: [4.0, 4.0]}),
    ]
    found = words(chart.draw({1: rows}))
    assert f"{SHOWN} / PyTorch's" in found
    assert f"of {SHOWN}" in found
    assert f"a {SHOWN}" in found


@too_long
def test_the_charts_of_profiles():
    operation = timing.Operation(NAME, forward=10.0, backward=20.0)
    around = dict.fromkeys(
        (timing.MODULES, timing.WALK, timing.LOOP, timing.LOADER, timing.ADAMAX, timing.ZERO_GRAD),
        1.0,
    )
    found = words(timing_chart.chart([timing.Timing(NAME, 64, 2, 30.0, [operation], around)]))
    assert SHOWN.upper() in found
    assert SHOWN in found  # the operation's row
    memory = Memory([NAME], [Save(NAME, 1, 10)], {}, {})
    assert SHOWN.upper() in words(memory_chart.chart([(NAME, 64, memory, memory)]))


# Markdown


def read_markdown(text):
    """The tokens of a text, none of which may be HTML, an image or a link that we did not write."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in [*tokens, *inline]}
    assert not kinds & {"html_block", "html_inline", "link_open", "strong_open", "em_open"}
    return tokens, inline


def texts(tokens):
    """What is shown of each paragraph, heading and cell."""
    inline = [token for token in tokens if token.type == "inline"]
    return ["".join(child.content for child in token.children) for token in inline]


def test_a_table():
    tokens, _ = read_markdown(table([NAME, "n"], [[NAME, 1], ["b", 2]]))
    assert texts(tokens) == [SHOWN, "n", SHOWN, "1", "b", "2"]


@pytest.mark.parametrize("name", [NAME, "`", "a``b`", "``a"])
def test_code(name):
    _, inline = read_markdown(f"Made by {code(name)}.")
    assert [child.content for child in inline if child.type == "code_inline"] == [one_line(name)]


def test_the_report_on_digits(result):
    found = Report([result], [], {NAME: Published(0.3, 0.1)})
    tokens, inline = read_markdown(found.markdown(f"minigrad digits --out '{NAME}'"))
    assert f"minigrad digits --out '{SHOWN}'" in [child.content for child in inline]
    assert [t.type for t in tokens].count("heading_open") == 2
    rows = [text for text in texts(tokens) if text == SHOWN]
    assert len(rows) == 2  # the run's, and the published one's


def test_the_table_of_a_readme(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"{output.BEGIN}\n{output.END}\n\n## Next\n")
    rows = [Row(Key("epochs", NAME), {OURS: [1.0], PYTORCH: [4.0]})]
    output.write_readme(readme, report.text({1: rows}, [], "a machine", 1))
    body = readme.read_text().partition(output.BEGIN)[2].partition(output.END)[0]
    tokens, _ = read_markdown(body)
    assert [t.type for t in tokens].count("tr_open") == 3  # the head, minigrad, PyTorch


# Commands and errors


def test_a_command_can_be_typed_again():
    options = parser().parse_args(["digits", "--out", NAME])
    typed = shlex.split(digits_experiment.command(options))
    assert Path(typed[typed.index("--out") + 1]) == Path(NAME)


def test_an_error_is_one_line(capsys):
    fail(f"{NAME} is not there", 2)
    assert capsys.readouterr().err == f"minigrad: {SHOWN} is not there\n"


# The page of a pass, its pictures and its program


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


# The reports of a check


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

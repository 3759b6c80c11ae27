"""The lessons run, as scripts and as notebooks; each asks three questions and answers them."""

import json
import re
import runpy
import subprocess
import sys

import matplotlib
import pytest

from experiments.lessons import scripts
from experiments.lessons.checked import check

LESSONS = scripts()
every_lesson = pytest.mark.parametrize("script", list(LESSONS.values()), ids=lambda path: path.stem)
# What takes long: the section at which the quick tier stops.
QUICK_PART = {8: "# ## 4."}
whole_lessons = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.long] if number in QUICK_PART else [])
    for number, path in LESSONS.items()
]
SOLUTION = re.compile(r"<summary>Solution</summary>.*?```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def figures(monkeypatch):
    """Draw without a screen; count the figures that a lesson shows."""
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    shown = []

    def show():
        shown.extend(plt.get_fignums())
        plt.close("all")

    monkeypatch.setattr(plt, "show", show)
    yield shown
    plt.close("all")


def texts(script):
    """Return the text cells of a script, without the comment signs."""
    cells = re.split(r"^# %%", script.read_text(encoding="utf-8"), flags=re.M)
    return [
        re.sub(r"^# ?", "", cell.partition("\n")[2], flags=re.M)
        for cell in cells
        if cell.startswith(" [markdown]")
    ]


def cut_formula(line):
    """Return whether an inline formula goes on in the next line, where its + would be a list."""
    return re.sub(r"`[^`]*`|\\\$|\$\$", "", line).count("$") % 2


@pytest.mark.parametrize("script", whole_lessons)
def test_it_runs_with_its_solutions_and_leaves_no_file(
    script, figures, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    names = runpy.run_path(str(script))
    assert figures, "a lesson has a picture"
    printed = capsys.readouterr().out
    assert " pass " in printed
    assert " FAIL " in printed, "a lesson breaks something on purpose"
    solutions = SOLUTION.findall("\n".join(texts(script)))
    assert solutions
    for number, solution in enumerate(solutions):
        path = tmp_path / f"solution_{number}.py"
        path.write_text(solution, encoding="utf-8")
        runpy.run_path(str(path), init_globals=names)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", QUICK_PART)
def test_the_first_sections_of_a_long_lesson_run(number, figures, tmp_path):
    source = LESSONS[number].read_text(encoding="utf-8")
    beginning, heading, _ = source.partition(QUICK_PART[number])
    assert heading
    path = tmp_path / "beginning.py"  # a file, for `check` reads the functions' source
    path.write_text(beginning, encoding="utf-8")
    runpy.run_path(str(path))


@every_lesson
def test_it_has_its_parts(script):
    number = int(script.name.partition("_")[0])
    parts = texts(script)
    assert parts[0].startswith(f"# Lesson {number}: ")
    text = "\n".join(parts)
    body, _, questions = text.partition("\n## Three questions\n")
    assert questions.count("<summary>Answer</summary>") == 3
    assert re.findall(r"^\*\*(\d)\.\*\*", questions, flags=re.M) == ["1", "2", "3"]
    assert text.count("<details>") == text.count("</details>") == text.count("<summary>")
    assert body.count("**Predict:**") >= 2
    assert "## Your turn" in body
    assert "minigrad check" in body
    assert [line for line in text.splitlines() if cut_formula(line)] == []
    headings = [int(n) for n in re.findall(r"^## (\d+)\.", body, flags=re.M)]
    assert headings == list(range(1, len(headings) + 1))
    named = {path.stem for path in LESSONS.values()}
    assert set(re.findall(r"\]\(([^)]*)\.ipynb\)", text)) <= named


@every_lesson
def test_its_notebook_is_valid_and_the_same_each_time(script):
    pytest.importorskip("jupytext")
    import nbformat

    from experiments.notebooks import build, written

    notebook = build(script)
    nbformat.validate(notebook)
    assert written(notebook) == written(build(script))
    source = script.read_text(encoding="utf-8")
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert [cell for cell in code if cell not in source] == []
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert [cell.strip() for cell in texts(script)] == text


@pytest.mark.long
@every_lesson
def test_it_runs_as_a_notebook(script, tmp_path):
    for package in ("jupytext", "nbclient", "ipykernel"):
        pytest.importorskip(package)
    number = script.name.partition("_")[0]
    subprocess.run(
        [sys.executable, "-m", "experiments", "lessons", number, "--execute", "--out", tmp_path],
        check=True,
    )
    notebook = json.loads((tmp_path / f"{script.stem}.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"] == []


def test_a_mistake_that_is_not_there_cannot_be_made():
    def relu_forward(x):
        return x * (x > 0), x

    with pytest.raises(ValueError, match="is there 0 times: copy more of its line"):
        check(relu_forward, instead_of="x >= 0", write="x > 0")


def test_a_class_goes_into_a_file():
    with pytest.raises(TypeError, match="a class goes into a file of its own: minigrad check FILE"):
        check(dict)


def test_functions_that_are_no_layer_do_not_pass(capsys):
    def rectifier_forward(x):
        return x * (x > 0), x

    report = check(rectifier_forward)
    assert not report.passed
    assert capsys.readouterr().out.startswith("rectifier.py\n")

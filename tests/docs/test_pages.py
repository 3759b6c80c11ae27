"""What is generated from the sources: every file and every public name has its place."""

import ast
import re
import textwrap

import pytest

import minigrad
from experiments.docs import pages
from experiments.docs.docstrings import as_rst
from tests.docs.blocks import ROOT

PACKAGE = ROOT / "minigrad"


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    pages.write(ROOT, folder)
    return folder


def test_the_reading_order_has_each_file_once_and_begins_as_the_docstring_says():
    files = [pages.name_of(file) for _, files in pages.reading_order(PACKAGE) for file in files]
    assert len(files) == len(set(files))
    assert files[:5] == ["tensor.py", "function.py", "graph.py", "array_function.py", "engine.py"]
    for folder in ("functions", "nn", "optim"):
        there = {f"{folder}/{file.name}" for file in (PACKAGE / folder).glob("[a-z]*.py")}
        assert there <= set(files)
    assert files.index("functions/linear.py") < files.index("functions/conv2d.py")


def test_an_operations_page_has_its_derivation_its_code_its_loops_and_its_function(generated):
    page = (generated / "files" / "functions" / "relu.rst").read_text(encoding="utf-8")
    parts = [
        "The rectifier.",
        "At the kink x = 0 any value",
        "literalinclude:: /../../minigrad/functions/relu.py",
        "literalinclude:: /../../minigrad/functions/loops/relu.py",
        ".. autofunction:: minigrad.functions.relu.relu",
    ]
    assert sorted(parts, key=page.index) == parts


def test_every_loop_is_on_a_page(generated):
    shown = "".join(p.read_text(encoding="utf-8") for p in (generated / "files").rglob("*.rst"))
    for file in (PACKAGE / "functions" / "loops").glob("[a-z]*.py"):
        assert f"loops/{file.name}\n" in shown


def test_what_is_shown_of_a_class_is_all_that_is_below_its_docstring(generated):
    count = 0
    for page in (generated / "files").rglob("*.rst"):
        for path, first, last in re.findall(
            r"literalinclude:: /../../(.*)\n.*\n   :lines: (\d+)-(\d+)", page.read_text("utf-8")
        ):
            lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
            shown = lines[int(first) - 1 : int(last)]
            assert lines[int(first) - 2] == ""
            assert shown[0].strip()
            assert ast.parse(textwrap.dedent("\n".join(shown))).body
            count += 1
    assert count > 40


def test_the_reference_has_every_public_name(generated):
    page = (generated / "api" / "minigrad.rst").read_text(encoding="utf-8")
    names = set(minigrad.__all__) - {"autograd", "nn", "optim", "utils"}
    assert [name for name in names if not re.search(rf"minigrad\.{name}\b", page)] == []
    assert "* ``minigrad.float`` is ``float32``\n" in page
    autograd = (generated / "api" / "minigrad.autograd.rst").read_text(encoding="utf-8")
    assert "``minigrad.autograd.no_grad`` is :py:obj:`minigrad.no_grad`" in autograd


def test_the_contracts_table_has_the_checkers_layers(generated):
    table = (generated / "parts" / "layers.md").read_text(encoding="utf-8")
    assert "| `NLLLoss` | `nll_loss_forward`, `nll_loss_backward` | `x`, `target` |" in table
    assert "| `Adamax` | `adamax_step` |" in table


def test_lessons_are_listed_by_their_first_cell(tmp_path):
    lesson = tmp_path / "1_tensor.py"
    lesson.write_text("# ---\n# %% [markdown]\n# # A tensor\n#\n# It remembers.\n\n# %%\nx = 1\n")
    page = pages.lessons_page([lesson])
    assert "## A tensor\n\nIt remembers.\n" in page
    assert "x = 1" not in page


@pytest.mark.parametrize(
    ("plain", "rst"),
    [
        ("``a * b`` and a * b", r"``a * b`` and a \* b"),
        ("dL/dx_i of |x|, zeros_", r"dL/dx\_i of \|x\|, zeros\_"),
        ("as in *one* place", "as in *one* place"),
        ("first::\n\n    y = a", "first:\n\n.. code-block:: text\n\n    y = a"),
        (
            "a.py      one\nb.py      two",
            ".. code-block:: text\n\n    a.py      one\n    b.py      two",
        ),
        (">>> x_ * 2\n4", ">>> x_ * 2\n4"),
    ],
)
def test_docstrings_are_plain_text(plain, rst):
    assert as_rst(plain) == rst

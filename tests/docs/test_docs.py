"""The documentation is true: its programs print what it says, and its commands exist."""

import re
import shlex

import pytest

from experiments import cli
from tests.docs.blocks import DOCS, programs, run

TEXTS = sorted(DOCS.glob("*.md"))
IN_BOTH = ["index", "own_function", "faq"]  # PyTorch's programs as well


@pytest.mark.parametrize("name", IN_BOTH)
@pytest.mark.parametrize("framework", ["minigrad", "torch"])
def test_programs_print_what_the_page_says(framework, name):
    names = {"__name__": "page"}
    for code, said, line in programs(DOCS / f"{name}.md"):
        swapped = code.replace("import minigrad as torch", f"import {framework} as torch")
        printed = run(swapped, names)
        if framework == "torch":  # which words some errors differently
            printed, said = (text.partition("Error: ")[0] for text in (printed, said))
        assert printed == said, f"{name}.md, line {line}"


def test_all_pages_with_programs_are_tested():
    assert {p.stem for p in TEXTS if any(programs(p))} == {*IN_BOTH, "check"}


def test_a_program_that_prints_something_else_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n1 / 0\n```\n\n```text\n1\n```\n", encoding="utf-8")
    ((code, said, line),) = programs(page)
    assert (said, line) == ("1\n", 1)
    assert run(code, {}) == "1\nZeroDivisionError: division by zero\n"


def test_the_contracts_file_passes_the_check(tmp_path, capsys):
    file = tmp_path / "file.py"
    file.write_text("\n\n".join(p.code for p in programs(DOCS / "check.md")), encoding="utf-8")
    assert cli.main(["check", str(file)]) == 0
    passed = re.findall(r"^  (\w+) +pass", capsys.readouterr().out, re.MULTILINE)
    assert passed == ["Linear", "ReLU", "LogSoftmax", "Adamax"]


SHELL = "".join(
    "".join(re.findall(r"```bash\n(.*?)```", p.read_text("utf-8"), re.S)) for p in TEXTS
)


@pytest.mark.parametrize("command", sorted(set(SHELL.splitlines())))
def test_commands_parse(command):
    program, *words = shlex.split(command.partition(" > ")[0])
    assert program == "minigrad"
    assert cli.parser().parse_args(words).command == words[0]

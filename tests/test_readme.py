"""The README is true: its example prints what it says, its commands exist, its files are there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(marker: str) -> str:
    """Return the code block behind a marker in a comment."""
    return re.search(rf"<!-- {marker} -->\n```\w+\n(.*?)```", README, re.DOTALL)[1]


@pytest.mark.parametrize("framework", ["minigrad", "torch"])
def test_the_example_prints_what_the_readme_says(framework, tmp_path):
    example = block("example")
    assert len(example.splitlines()) == 8
    swapped = example.replace("import minigrad as torch", f"import {framework} as torch")
    run = subprocess.run(
        [sys.executable, "-c", swapped], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    printed = re.search(re.escape(example) + r"```\n```text\n(.*?)```", README, re.DOTALL)[1]
    assert run.stdout == printed


def test_the_wrong_gradient_is_reported_as_the_readme_says(tmp_path):
    example = block("gradcheck")
    run = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    printed = re.search(re.escape(example) + r"```\n```text\n(.*?)```", README, re.DOTALL)[1]
    assert run.stderr.endswith(f"GradcheckError: {printed}")


def test_the_student_who_transposes_reads_what_the_readme_says(tmp_path):
    """The template, filled in: forward here, backward as the README has it."""
    minigrad = [sys.executable, "-m", "experiments", "check"]
    template = subprocess.run([*minigrad, "--template", "Linear"], capture_output=True, text=True)
    wrong = re.search(r"```python\n(    def backward.*?)```", README, re.DOTALL)[1]
    head, _, rest = template.stdout.partition("        raise NotImplementedError  # return y")
    forward = "        return x @ self.weight.T + (0 if self.bias is None else self.bias)\n\n"
    assert "def backward" in rest
    file = tmp_path / "linear.py"
    for backward, status in (
        (wrong, 1),
        (wrong.replace("self.x.T @ g", "grad_output.T @ self.x #"), 0),
    ):
        file.write_text(head + forward + backward, encoding="utf-8")
        run = subprocess.run([*minigrad, "linear.py"], capture_output=True, text=True, cwd=tmp_path)
        assert run.returncode == status
        if status:
            printed = re.search(
                r"`minigrad check linear.py` prints\n\n```text\n(.*?)```", README, re.S
            )
            assert run.stdout == printed[1]
        else:
            assert "Linear      pass" in run.stdout


COMMANDS = sorted(set(re.findall(r"`(minigrad [a-z][^`]*)`", README)))


def test_the_readme_names_commands():
    assert {"minigrad digits", "minigrad bench"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_parses(command):
    words = shlex.split(command.replace("--seed S", "--seed 0"))
    options = cli.parser().parse_args(words[1:])
    assert options.command == words[1]


def test_the_two_commands_install_and_do():
    assert block("command: run").startswith("pip install . && minigrad digits")
    assert "&& pytest" in block("command: test")


def test_linked_files_exist():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_operation_that_is_shown_is_the_one_that_runs():
    shown = re.search(r"```python\n(class ReLU.*?)```", README, re.DOTALL)[1]
    source = (ROOT / "minigrad" / "functions" / "relu.py").read_text(encoding="utf-8")
    code = [line.strip() for line in shown.splitlines() if line.strip()]
    # The source has types and a docstring besides; every line that computes is the same.
    computing = [line for line in code if not line.startswith(("class", "def", "@"))]
    assert computing
    assert [line for line in computing if line not in source] == []


def test_the_search_space_is_one(tmp_path):
    from experiments.sweep.space import read
    from experiments.sweep_command import searchable

    file = tmp_path / "space.toml"
    file.write_text(re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1], encoding="utf-8")
    assert list(read(file, searchable("digits")).searched) == ["lr", "batch_size"]

"""Reports in Markdown, commands and errors: a name is a text there, and stands on one line."""

import subprocess
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from experiments.benchmarks import output, report
from experiments.benchmarks.row import OURS, PYTORCH, Key, Row
from experiments.cli import fail, parser
from experiments.markdown import code
from experiments.report import Published, Report, table
from experiments.shell import command_line

from .name import NAME, one_line

SHOWN = one_line(NAME)


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


def test_a_command_can_be_typed_again():
    options = parser().parse_args(["digits", "--out", NAME])
    line = f"printf '%s\\0' {command_line('digits', options)}"
    run = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    typed = run.stdout.split("\0")
    assert Path(typed[typed.index("--out") + 1]) == Path(NAME)


def test_an_error_is_one_line(capsys):
    fail(f"{NAME} is not there", 2)
    assert capsys.readouterr().err == f"minigrad: {SHOWN} is not there\n"

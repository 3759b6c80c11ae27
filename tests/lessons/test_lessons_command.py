"""`minigrad lessons`: what it writes, what it leaves alone, what it says."""

import json
import sys

import pytest

from experiments import cli
from experiments.lessons import scripts


def test_one_lesson_is_written_and_then_left_alone(tmp_path, capsys):
    pytest.importorskip("jupytext")
    folder = tmp_path / "new" / "lessons"
    assert cli.main(["lessons", "1", "--out", str(folder)]) == 0
    path = folder / f"{scripts()[1].stem}.ipynb"
    assert capsys.readouterr().out == f"{path}\n"
    assert json.loads(path.read_text(encoding="utf-8"))["nbformat"] == 4
    path.write_text("what the reader made of it", encoding="utf-8")
    assert cli.main(["lessons", "1", "--out", str(folder)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "is there already, and yours" in said.err
    assert path.read_text(encoding="utf-8") == "what the reader made of it"


def test_all_are_written(tmp_path, capsys):
    pytest.importorskip("jupytext")
    assert cli.main(["lessons", "--out", str(tmp_path)]) == 0
    written = [path.stem for path in sorted(tmp_path.iterdir())]
    assert written == sorted(path.stem for path in scripts().values())
    assert len(capsys.readouterr().out.splitlines()) == len(written)


def test_a_lesson_that_is_not_there(tmp_path, capsys):
    assert cli.main(["lessons", "99", "--out", str(tmp_path / "lessons")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("minigrad: there is no lesson 99; type one of 1, ")
    assert not (tmp_path / "lessons").exists()


@pytest.mark.parametrize("missing", ["jupytext", "nbclient", "ipykernel"])
def test_without_a_package_one_line_says_what_to_install(missing, tmp_path, capsys, monkeypatch):
    if missing != "jupytext":
        pytest.importorskip("jupytext")
    monkeypatch.setitem(sys.modules, missing, None)
    assert cli.main(["lessons", "1", "--execute", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"minigrad: notebooks need {missing}, which is not installed; "
        "type: pip install jupytext nbclient ipykernel\n"
    )
    assert list(tmp_path.iterdir()) == []

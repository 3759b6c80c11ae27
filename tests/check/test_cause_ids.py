"""Every id that a finding may have is documented in CAUSES.md, and no other."""

import ast
import re
from pathlib import Path

import pt_reference.check
from pt_reference.check.causes.diagnose import CONVENTIONS
from pt_reference.check.causes.words import CHANGE, SAID
from pt_reference.check.layer_check import CAUSES
from pt_reference.check.ledger import NOTES

FOLDER = Path(pt_reference.check.__file__).parent
OF_AN_OPTION = ("ignores_option", "misuses_option", "wrong_default")


def documented():
    text = (FOLDER / "CAUSES.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return [name.removesuffix(":<option>") for row in rows for name in re.findall("`(.+?)`", row)]


def said_by(function):
    """Return the texts that are passed first to calls of a function anywhere in the checker."""
    return {
        call.args[0].value
        for path in FOLDER.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == function
        if call.args and isinstance(call.args[0], ast.Constant)
    }


def test_all_ids_are_documented_once():
    names = documented()
    assert len(names) == len(set(names))
    conventions = {f"convention:{name}" for name in CONVENTIONS}
    ends = said_by("Ended") | said_by("Cause") | set(CAUSES.values())
    assert len(said_by("Ended")) >= 4
    assert len(said_by("Cause")) >= 5
    assert set(names) == {*SAID, *CHANGE, *conventions, *ends, *NOTES}
    assert set(OF_AN_OPTION) <= set(names)


def test_only_what_is_documented_is_said():
    """The questions say nothing that has no words: `say` would fail, but only when it is asked."""
    kinds = {name.partition(":")[0] for name in said_by("say")}
    assert kinds - set(SAID) == set()

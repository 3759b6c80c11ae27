"""Which layers a file defines, read from its text: nothing of it is run."""

import ast
import warnings
from pathlib import Path

from pt_reference.check.contract import LAYERS

LARGEST = 10 << 20  # bytes; an assignment is a thousandth of it


def defined(path: Path, wanted: list[str]) -> tuple[list[str], str]:
    """Return which of the wanted layers a file seems to define; or why none, in a line."""
    if problem := _no_file(path):
        return [], problem
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the student's "\\d"
            tree = ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        where = f" in line {error.lineno}" if error.lineno else ""
        return [], f"does not parse as Python: {error.msg}{where}; mend that first"
    except OSError as error:
        return [], f"cannot be read: {error.strerror}; make it readable first"
    except (ValueError, RecursionError, MemoryError) as error:
        return [], f"does not parse as Python: {error}; name a .py file"
    names = {word for node in ast.walk(tree) for word in _names(node)}
    found = [name for name in wanted if names & {name, *_functions(LAYERS[name].stem)}]
    return found, "" if found else _nothing(wanted)


def _no_file(path: Path) -> str:
    if path.is_dir():
        return f"is a folder; name its files: {path / '*.py'}"
    if not path.exists():
        return "no such file; type: minigrad check FILE.py"
    if not path.is_file():
        return "is not a file; name a .py file"
    if path.suffix == ".ipynb":
        return "is a notebook; type first: jupyter nbconvert --to script " + path.name
    if path.stat().st_size > LARGEST:
        return f"is larger than {LARGEST >> 20} MB; name a .py file"
    return ""


def _nothing(wanted: list[str]) -> str:
    names = ", ".join(wanted)
    begin = f"to begin one, type: minigrad check --template {wanted[0]}"
    return f"defines none of {names}; {begin}"


def _names(node: ast.AST) -> list[str]:
    """Return the names that a statement gives a meaning to."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    return []


def _functions(stem: str) -> list[str]:
    return [f"{stem}_forward", f"{stem}_backward", f"{stem}_step"]

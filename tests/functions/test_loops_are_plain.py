"""A definition in plain loops is for reading: short, of numbers, and as the operation is called."""

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import minigrad
from minigrad.functions import loops

from .loop_layers import LAYERS, definition, pair
from .test_loops import STEPS

FOLDER = Path(loops.__file__).parent
FILES = {p.stem: ast.parse(p.read_text()) for p in FOLDER.glob("*.py") if p.stem != "__init__"}
every_file = pytest.mark.parametrize("name", FILES)
PLAIN = {  # all that follows a dot: one number's functions, the making and the looks of arrays
    *("exp", "isnan", "log", "maximum", "prod", "tanh", "sqrt", "inf"),
    *("ndarray", "ndindex", "zeros", "zeros_like", "moveaxis"),
    *("copy", "dtype", "ndim", "reshape", "shape", "get", "items"),
}


@every_file
def test_a_file_is_plain(name):
    nodes = list(ast.walk(FILES[name]))
    assert {n.attr for n in nodes if isinstance(n, ast.Attribute)} <= PLAIN
    assert not any(isinstance(n, ast.MatMult) for n in nodes)
    imports = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
    imports |= {n.module for n in nodes if isinstance(n, ast.ImportFrom)}
    assert imports <= {"math", "numpy", "typing"}


@every_file
def test_a_function_is_short(name):
    for function in (n for n in FILES[name].body if isinstance(n, ast.FunctionDef)):
        body = function.body[1:]  # without the docstring
        lines = {line for n in body for line in range(n.lineno, n.end_lineno + 1)}
        assert len(lines) <= 25, function.name


layers = sorted({record.partition(" ")[0] for record in LAYERS} | {"dropout"})
steps = [name.lower() for name in STEPS]


@pytest.mark.parametrize("name", layers)
def test_defaults_are_those_of_the_operation(name):
    fast = inspect.signature(getattr(minigrad.nn.functional, name)).parameters
    for p in inspect.signature(definition(name, "forward")).parameters.values():
        if p.default is not p.empty:
            default = fast[p.name].default
            assert p.default in (default, pair(default)) or not (p.default or default), p


@every_file
def test_what_trains_names_its_definition(name):
    home = {"adamw": "adam"}.get(name, name)
    fast = import_module(f"minigrad.{'optim' if name in steps else 'functions'}.{home}")
    assert f"The same in plain loops: minigrad/functions/loops/{home}.py" in fast.__doc__
    assert f"{name}.py" in fast.__doc__


def test_all_are_listed_and_tested():
    assert {*layers, *steps} == set(FILES)
    listed = [line.split() for line in inspect.getdoc(loops).splitlines() if ".py  " in line]
    assert sorted(map(tuple, listed)) == sorted(
        [(f"{name}.py", f"{name}_forward,", f"{name}_backward") for name in layers]
        + [(f"{name}.py", f"{name}_step") for name in steps]
    )

"""Who imports whom: the rooms' one-way doors, and what `import minigrad` loads."""

import ast
import importlib
import pkgutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import minigrad

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "minigrad": {"minigrad", "numpy"},
    "pt_reference": {"pt_reference", "minigrad", "numpy", "torch"},
}


def imported_by(room):
    """Every package that some file of a room imports, also inside functions, also by name."""
    names = set()
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
                names |= {
                    a.value.partition(".")[0] for a in node.args if isinstance(a, ast.Constant)
                }
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: imports here are absolute"
                names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_import_what_is_below_them(room):
    found = imported_by(room) - sys.stdlib_module_names
    assert found <= MAY_IMPORT[room]
    assert found >= {"minigrad": {"numpy"}, "pt_reference": {"torch"}}[room]  # the walk sees them


def test_experiments_do_not_import_tests():
    assert "tests" not in imported_by("experiments")


def loaded_by(statement):
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_minigrad_loads_numpy_and_the_standard_library_alone():
    loaded = loaded_by("import minigrad")
    assert loaded & {"torch", "sklearn", "matplotlib", "scipy", "pt_reference"} == set()
    # What a bare Python loads of its environment, hooks of installed packages, is not minigrad's.
    others = loaded - loaded_by("pass") - sys.stdlib_module_names - {"minigrad", "numpy"}
    assert {name for name in others if not name.startswith("_")} == set()


PACKAGES = [minigrad] + [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(minigrad.__path__, "minigrad.")
]
LISTED = [module for module in PACKAGES if hasattr(module, "__all__")]


@pytest.mark.parametrize("module", LISTED, ids=lambda module: module.__name__)
def test_all_is_there_and_complete(module):
    listed = set(module.__all__)
    assert len(listed) == len(module.__all__)
    assert [name for name in listed if not hasattr(module, name)] == []
    if module.__file__.endswith("__init__.py"):
        public = {
            name
            for name, value in vars(module).items()
            if not name.startswith("_") and not isinstance(value, types.ModuleType)
        }
        assert public <= listed


def test_the_packages_of_users_have_a_list():
    names = {module.__name__ for module in LISTED}
    assert names >= {"minigrad", "minigrad.nn", "minigrad.optim", "minigrad.utils.data"}


@pytest.mark.parametrize("name", sorted({*minigrad.__all__} - {"gradcheck"}))  # torch.autograd's
def test_every_name_is_pytorchs(name):
    import torch

    assert hasattr(torch, name)


@pytest.mark.parametrize(
    "room",
    ["nn", "nn.init", "nn.functional", "optim", "utils.data", "autograd", "autograd.profiler"],
)
def test_every_name_of_a_package_is_pytorchs(room):
    module = importlib.import_module(f"minigrad.{room}")
    theirs = importlib.import_module(f"torch.{room}")
    assert module.__all__
    assert [name for name in module.__all__ if not hasattr(theirs, name)] == []

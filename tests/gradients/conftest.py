"""`pytest tests/gradients --implementation FILE.py`: a file's layers, a test for each part."""

from functools import lru_cache
from pathlib import Path

import pytest

from pt_reference.check.checker import check_file
from pt_reference.check.contract import LAYERS

LOOPS = Path(__file__).parents[2] / "minigrad" / "functions" / "loops"


def pytest_addoption(parser):
    group = parser.getgroup("minigrad")
    group.addoption(
        "--implementation",
        metavar="FILE.py",
        help="the file whose layers are checked; without it, minigrad's own plain loops",
    )
    group.addoption(
        "--show-expected", action="store_true", help="show PyTorch's values in failures too"
    )


def pytest_configure(config):
    path = _implementation(config)
    if path is not None and not path.is_file():
        raise pytest.UsageError(f"--implementation: {path}: no such file")


@pytest.fixture(scope="session")
def show_expected(pytestconfig):
    return pytestconfig.getoption("--show-expected", default=False)


@pytest.fixture(scope="session")
def checked(pytestconfig):
    """Return a function: a layer's report. Each layer is checked once, when it is first asked."""
    given = _implementation(pytestconfig)

    @lru_cache
    def check(layer):
        report = check_file(given or LOOPS / f"{LAYERS[layer].stem}.py", [layer])
        return report.problem, report.layers[layer]

    return check


def _implementation(config):
    # The option is unknown where this folder is not named on the command line.
    given = config.getoption("--implementation", default=None)
    return Path(config.invocation_params.dir, given) if given else None

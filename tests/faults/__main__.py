"""Which test is about which fault: `python -m tests.faults` prints the table.

The exit status is 1 if there is a fault without a test that is not decided otherwise.
"""

import contextlib
import io
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from .list import DECIDED_OTHERWISE, FAULTS

TESTS = Path(__file__).parents[1]


class Collector:
    """A plugin of pytest that takes down what each test says it is about."""

    def __init__(self) -> None:
        self.tests = defaultdict(dict)  # number: names, each once, whatever its parameters

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            name = item.nodeid.partition("[")[0]
            for mark in item.iter_markers("fault"):
                for number in mark.args:
                    self.tests[number][name] = None


def collected() -> dict[int, list[str]]:
    """Let pytest collect the tests, those of the long tier too."""
    files = [path for path in TESTS.rglob("test_*.py") if "mark.fault(" in path.read_text()]
    collector, said = Collector(), io.StringIO()
    options = ["--collect-only", "-q", "-m", "", "-n", "0", "-p", "no:randomly"]
    with contextlib.redirect_stdout(said):
        status = pytest.main([*options, *map(str, sorted(files))], plugins=[collector])
    if status:
        sys.exit(said.getvalue())
    return {number: list(names) for number, names in collector.tests.items()}


def table(tests: dict[int, list[str]]) -> str:
    """Return the table: of each fault its number, what it is, and its tests below each other."""
    width = max(map(len, FAULTS.values()))
    lines = []
    for number, words in FAULTS.items():
        names = tests.get(number, ["-"])
        lines.append(f"{number:2}  {words:{width}}  {names[0]}")
        lines += [" " * (width + 6) + name for name in names[1:]]
    lines += [f"{n}: decided otherwise: {why}" for n, why in DECIDED_OTHERWISE.items()]
    return "\n".join(lines)


def main() -> int:
    tests = collected()
    print(table(tests))
    status = 0
    if unknown := tests.keys() - FAULTS.keys():
        print(f"there is no fault {sorted(unknown)}", file=sys.stderr)
        status = 1
    if missing := FAULTS.keys() - tests.keys() - DECIDED_OTHERWISE.keys():
        print(f"no test is about the faults {sorted(missing)}", file=sys.stderr)
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())

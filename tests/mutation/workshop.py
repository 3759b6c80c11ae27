"""A copy of the project in which mistakes are made, one after the other, and tests run."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from .mutant import Mutant, StaleError, Target

ROOT = Path(__file__).parents[2]
PARTS = ("minigrad", "pt_reference", "experiments", "tests")
OPTIONS = (
    "-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly",
    "-m", "not long", "-o", "addopts=--import-mode=importlib",  # no doctests
)  # fmt: skip
LIMIT = 60  # seconds of computing: whoever takes more has been caught, in a loop without end


class Outcome(NamedTuple):
    """Whether some test failed, and which was the first."""

    caught: bool
    by: str


class Workshop:
    """A copy of the project in an empty folder, and a process that runs its tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            shutil.copytree(
                ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__")
            )
        shutil.copy(ROOT / "pyproject.toml", folder)

    def __enter__(self) -> "Workshop":
        # One thread: a fork takes no threads along, and the other workshops have the other cores.
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.mutation.server"],
            cwd=self.folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._server.kill()
        self._server.communicate()

    def try_out(self, target: Target, mutant: Mutant | None = None) -> Outcome:
        """Run the target's tests with one mistake, or none, in the copy."""
        changed = {} if mutant is None else mutant.texts(self.folder)
        before = {file: (self.folder / file).read_text(encoding="utf-8") for file in changed}
        self._write(changed)
        try:
            status, output = self._run([*OPTIONS, *target.tests])
        finally:
            self._write(before)
        first = re.search(r"^(?:FAILED|ERROR) (\S+?)(?:::(.*?))?(?: - .*)?$", output, re.MULTILINE)
        if status in (-signal.SIGPROF, -signal.SIGALRM):
            return Outcome(True, f"the clock: timed out after {LIMIT} s")
        if status < 0:
            return Outcome(True, f"the system: {signal.Signals(-status).name}")
        if status == 1 and first and first[2]:
            return Outcome(True, f"{first[1].removeprefix('tests/')}::{first[2]}")
        if status == 0:
            return Outcome(False, "")
        name = mutant.name if mutant else "without a mistake"
        raise StaleError(f"{target.name}, {name}: the tests did not run:\n{output[-2000:]}")

    def _write(self, texts: dict[str, str]) -> None:
        for file, text in texts.items():
            path = self.folder / file
            path.write_text(text, encoding="utf-8")
            # The compiled file is told from its source by size and second alone: too coarse here.
            for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
                compiled.unlink()

    def _run(self, arguments: list[str]) -> tuple[int, str]:
        assert self._server.stdin
        assert self._server.stdout
        print(json.dumps([arguments, LIMIT]), file=self._server.stdin, flush=True)
        status, output = json.loads(self._server.stdout.readline())
        return status, output

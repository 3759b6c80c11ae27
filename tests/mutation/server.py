"""Runs parts of the suite, each in a process forked from this one.

What takes long to import, and is not under test, is imported once. It is started in a copy of the
project; a line of its input is pytest's arguments and a limit of seconds of computing, a line of
its output the exit status and what pytest printed.
"""

import gc
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

import hypothesis.extra.numpy  # noqa: F401
import pytest
import sklearn.datasets  # noqa: F401
import torch  # noqa: F401
from hypothesis import Phase, settings

UNDER_TEST = ("minigrad", "pt_reference", "experiments")
ALREADY = "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"


def serve() -> None:
    gc.freeze()  # pytest collects garbage, and need not look for it in all that is imported here
    for line in sys.stdin:
        arguments, seconds = json.loads(line)
        with tempfile.TemporaryFile("w+") as output:
            if not (child := os.fork()):
                # Each ends the process: so much computing, or waiting for much longer than that.
                signal.setitimer(signal.ITIMER_PROF, seconds)
                signal.alarm(20 * seconds)
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                status = run(arguments)
                sys.stdout.flush()
                os._exit(status)
            _, status = os.waitpid(child, 0)
            output.seek(0)
            print(json.dumps([os.waitstatus_to_exitcode(status), output.read()]), flush=True)


class OneFailureIsEnough:
    """A plugin: Hypothesis need not look for the smallest example of a failure."""

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        settings.register_profile("first", settings(), phases=[Phase.explicit, Phase.generate])
        settings.load_profile("first")


def run(arguments: list[str]) -> int:
    status = pytest.main([*arguments, "-W", ALREADY], plugins=[OneFailureIsEnough()])
    for name in UNDER_TEST:  # an installed one must not win over the copy
        if name in sys.modules and Path.cwd() not in Path(sys.modules[name].__file__).parents:
            print(f"{name} is {sys.modules[name].__file__}, not the copy's")
            return 70
    return int(status)


if __name__ == "__main__":
    serve()

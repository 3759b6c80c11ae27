"""A layer that was written in a cell goes to `minigrad check`, and its report is shown there."""

import inspect
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

from pt_reference.check.checker import check_file
from pt_reference.check.report.terminal import text
from pt_reference.check.results import FileReport


def check(*functions: Callable, instead_of: str = "", write: str = "") -> FileReport:
    """Write functions into a file of their own, check it, print the report and return it.

    The functions are those that `minigrad check` knows by name, such as `linear_forward` and
    `linear_backward`, and before them the helpers that these call; the file begins with
    `import numpy as np`.

    `instead_of`, `write`: break it on purpose. One text, which must be there exactly once, becomes
    another one in the file; the functions themselves stay as they are.
    """
    for function in functions:
        if not inspect.isfunction(function):
            raise TypeError(
                f"check takes functions, such as linear_forward, and not {function!r}; "
                "a class goes into a file of its own: minigrad check FILE.py"
            )
    sources = [dedent(inspect.getsource(function)) for function in functions]
    source = "\n\n".join(["import numpy as np\n", *sources])
    if instead_of:
        if (count := source.count(instead_of)) != 1:
            raise ValueError(
                f"instead_of must be in the functions once, but {instead_of!r} is there {count} "
                "times: copy more of its line"
            )
        source = source.replace(instead_of, write)
        print(f"instead of  {instead_of}\n     write  {write}\n")
    with tempfile.TemporaryDirectory() as folder:
        layer = re.sub("_(forward|backward|step)$", "", functions[-1].__name__)
        path = Path(folder, f"{layer}.py")
        path.write_text(source, encoding="utf-8")
        report = check_file(path)
    report.path = path.name
    print(text(report))
    return report


def causes(report: FileReport) -> list[str]:
    """Return the ids of all that was found, notes too: those of pt_reference/check/CAUSES.md."""
    return [finding.cause.id for layer in report.layers.values() for finding in layer.findings]

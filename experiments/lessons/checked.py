"""A layer that was written in a cell goes to `minigrad check`, and its report is shown there."""

import inspect
import tempfile
from collections.abc import Callable
from pathlib import Path

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
    source = "\n\n".join(["import numpy as np\n", *map(inspect.getsource, functions)])
    if instead_of:
        if (count := source.count(instead_of)) != 1:
            raise ValueError(
                f"instead_of must be in the functions once, but {instead_of!r} is there {count} "
                "times: copy more of its line"
            )
        source = source.replace(instead_of, write)
        print(f"instead of  {instead_of}\n     write  {write}\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{functions[-1].__name__.rpartition('_')[0]}.py")
        path.write_text(source, encoding="utf-8")
        report = check_file(path)
    report.path = path.name
    print(text(report))
    return report


def causes(report: FileReport) -> list[str]:
    """Return the ids of all that was found, notes too: those of pt_reference/check/CAUSES.md."""
    return [finding.cause.id for layer in report.layers.values() for finding in layer.findings]

"""Results go to stdout, everything else to stderr; a progress bar stands in the way of neither."""

import sys
from typing import Any

from tqdm import tqdm


def say(line: str) -> None:
    """Print a line of the results at once, so that pipes and files can be watched."""
    with tqdm.external_write_mode():  # takes the bars off the screen meanwhile
        print(line, flush=True)


def note(line: str) -> None:
    """Print a remark on stderr."""
    with tqdm.external_write_mode(file=sys.stderr):
        print(line, file=sys.stderr)


def progress(total: int | None, label: str, unit: str) -> Any:
    """Return a bar with the time left; it vanishes when done, and where stderr is no terminal."""
    return tqdm(total=total, desc=label, unit=unit, leave=False, disable=None, dynamic_ncols=True)

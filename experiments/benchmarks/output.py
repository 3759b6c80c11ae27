"""Where results go: files, which are asked about before anything is timed, and the README."""

import json
from pathlib import Path
from typing import Any

from experiments import atomic
from experiments.errors import UsageError

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def check_writable(option: str, path: Path | None) -> None:
    """Raise UsageError unless the file that an option names, if any, can be written."""
    if path is None:
        return
    is_new = not path.exists()
    try:
        path.open("a").close()
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}; name another file") from error
    if is_new:
        path.unlink()


def write_json(path: Path | None, content: Any) -> None:
    """Write a file of results, if one was named."""
    if path is not None:
        atomic.write(path, json.dumps(content, indent=2) + "\n")


def around_markers(path: Path) -> tuple[str, str]:
    """Return a README up to where the table of `minigrad bench` begins, and from where it ends.

    Raises UsageError for a file that has no such place, or more than one.
    """
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise UsageError(f"--readme {path}: {why}; name a Markdown file") from error
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in rest or END in before + after:
        raise UsageError(
            f"--readme {path}: expected one place for the table; write two lines, {BEGIN} and {END}"
        )
    return before + begin, end + after


def write_readme(path: Path, table: str) -> None:
    """Put a table between the markers of a README; all else stays as it is."""
    before, after = around_markers(path)
    atomic.write(path, f"{before}\n{table}\n{after}")

"""The programs in a text of the documentation, and what it says that they print."""

import contextlib
import io
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "experiments" / "docs"

_BLOCK = re.compile(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)


class Program(NamedTuple):
    """A block of Python; ``printed`` is the block of text right below it, or empty."""

    code: str
    printed: str
    line: int


def programs(page: Path) -> Iterator[Program]:
    """Yield the programs of a page, in order: they share their names."""
    text = page.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        yield Program(block[1], block[2] or "", text.count("\n", 0, block.start()) + 1)


def run(code: str, names: dict) -> str:
    """Return what a program prints; an error that ends it is printed too, in lines of a page."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(code, "<block>", "exec"), names)
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            for line in message.splitlines():
                print(textwrap.fill(line, 95) if len(line) > 95 else line)
    return out.getvalue()

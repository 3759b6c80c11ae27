"""Commands as they are typed into a shell, on one line whatever the names in them are."""

import argparse
import shlex
from pathlib import Path
from typing import Any

NOT_TYPED = ("command", "execute", "debug")  # what is in the options of a command, too


def quoted(word: str | Path) -> str:
    r"""Return a word as a shell takes it; what cannot be printed as Bash and Zsh write it.

    >>> quoted("runs"), quoted("my runs"), quoted("two\nlines")
    ('runs', "'my runs'", "$'two\\x0alines'")
    """
    word = str(word)
    if word.isprintable():
        return shlex.quote(word)
    content = word.encode("utf-8", "surrogateescape")  # where the locale is not UTF-8, too
    letters = (chr(b) if 32 <= b < 127 and b not in b"'\\" else f"\\x{b:02x}" for b in content)
    return f"$'{''.join(letters)}'"


def typed(options: dict[str, Any]) -> list[str]:
    """Return options as they are typed; those that are off or None are left out.

    >>> typed({"lr": 0.1, "amp": True, "compile": False, "without": None, "data": "my data"})
    ['--lr 0.1', '--amp', "--data 'my data'"]
    """
    words = []
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
        elif value is not False and value is not None:
            words.append(f"{option} {quoted(str(value))}")
    return words


def command_line(name: str, options: argparse.Namespace) -> str:
    """Return a command with the options that were typed or have a default, to be typed again."""
    given = {key: value for key, value in vars(options).items() if key not in NOT_TYPED}
    return " ".join(["minigrad", name, *typed(given)])

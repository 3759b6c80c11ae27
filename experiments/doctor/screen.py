"""The screen: each part on a line, its warnings below it, and nothing in it about who you are."""

import getpass
import json
import os
import re
import textwrap
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

from experiments.doctor import computing, files, machine, packages
from experiments.doctor.finding import Finding
from experiments.installed import PIP_NAMES

WIDTH, INDENT = 80, 11
PARTS: tuple[Callable[[Namespace], Finding], ...] = (
    machine.system, machine.processor, machine.memory, machine.disk,
    packages.python, packages.packages, packages.extras,
    computing.numpy, computing.torch, computing.device, computing.variables,
    files.digits, files.svhn, files.runs,
)  # fmt: skip


def doctor(options: Namespace) -> None:
    """Do what `minigrad doctor` was asked for; `options` are those of `doctor_command`."""
    found = {part.__name__: looked_at(part, options) for part in PARTS}
    if options.json:
        shown = {
            name: {
                "text": anonymous(finding.text),
                "warnings": [anonymous(warning) for warning in finding.warnings],
            }
            for name, finding in found.items()
        }
        print(json.dumps(shown, indent=2))
        return
    for name, finding in found.items():
        print("\n".join(lines(name, finding)))


def looked_at(part: Callable[[Namespace], Finding], options: Namespace) -> Finding:
    """Return what a part finds; what goes wrong there is what was found."""
    try:
        return part(options)
    except ModuleNotFoundError as error:
        name = str(error.name).partition(".")[0]
        return Finding(
            f"{name} cannot be imported", [f"type: pip install {PIP_NAMES.get(name, name)}"]
        )
    except Exception as error:
        return Finding(f"cannot be told: {type(error).__name__}: {' '.join(str(error).split())}")


def lines(name: str, finding: Finding) -> Iterator[str]:
    """Yield the lines of a part."""
    following = " " * INDENT
    yield from wrapped(anonymous(finding.text), f"{name:<{INDENT}}", following)
    for warning in finding.warnings:
        yield from wrapped(anonymous(warning), f"{'  !':<{INDENT}}", following)


def wrapped(text: str, first: str, following: str) -> list[str]:
    """Return a text in lines; a long path is not cut, so that it can be copied."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=following,
        break_long_words=False, break_on_hyphens=False,
    ) or [first.rstrip()]  # fmt: skip


def anonymous(text: str) -> str:
    """Return a text without the home folder and, in paths, without the user's name."""
    text = "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
    for home in homes():
        text = re.sub(rf"{re.escape(home)}(?![\w.-])", "~", text)
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a user whom the system has no name for
        return text
    return re.sub(rf"(?<=[/\\]){re.escape(user)}(?![\w.-])", "USER", text)


def homes() -> list[str]:
    """Return the home folder, as it is called and as it is."""
    try:
        home = Path.home()
        return [p for p in dict.fromkeys([str(home), os.path.realpath(home)]) if len(p) > 1]
    except RuntimeError:  # there is none
        return []

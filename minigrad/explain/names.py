"""Names of values in a program: whatever they are, they are shown, and never are a part of it."""

from __future__ import annotations

import json
import keyword
import re

from minigrad.explain.parts import Value


def literal(name: str) -> str:
    """Return a name as Python reads it, whatever letters are in it."""
    return json.dumps(name, ensure_ascii=False)


def comment(*lines: str) -> str:
    """Return lines of a comment; a line ending in a name begins no line of the program."""
    return "\n# ".join([" ".join(line.split()) for line in lines])


def identifiers(values: list[Value]) -> dict[Value, str]:
    """Return for each value a name of its own that Python takes."""
    names: dict[Value, str] = {}
    taken = {"np", "arrays", "gradients", *keyword.kwlist}
    for value in values:
        name = re.sub(r"\W+", "_", value.name, flags=re.ASCII).strip("_")
        if not name or name[0].isdigit():  # a Sequential calls its first weight "0.weight"
            name = f"p{name}"
        while name in taken:
            name += "_"
        taken.add(name)
        names[value] = name
    return names

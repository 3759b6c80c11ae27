"""Any text as Markdown that shows it: a name, a path or a setting never becomes markup."""

import re
from typing import Any


class Written(str):
    """A text that is Markdown already."""


def escaped(value: Any) -> Written:
    r"""Return a value as Markdown that shows it, on one line.

    >>> print(escaped("a_b\n <i>"))
    a\_b \<i\>
    """
    if isinstance(value, Written):
        return value
    return Written(re.sub(r"([\\`*_\[\]<>|$#~&])", r"\\\1", " ".join(str(value).split())))


def code(text: str) -> Written:
    """Return a text as code, on one line; a backtick in it does not end it.

    >>> print(code("minigrad digits"), code("a`b"))
    `minigrad digits` ``a`b``
    """
    line = " ".join(text.split())
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return Written(f"{fence}{room}{line}{room}{fence}")

"""Any text as Markdown that shows it: a name, a path or a setting never becomes markup."""

import re
from typing import Any

# Within a word an underscore marks nothing up, and tables are read in a terminal, too.
MARKUP = re.compile(r"[\\`*\[\]<>|$#~&]|(?<![^\W_])_|_(?![^\W_])")


class Written(str):
    """A text that is Markdown already."""


def escaped(value: Any) -> Written:
    r"""Return a value as Markdown that shows it, on one line.

    >>> print(escaped("batch_size\n <i> _a_"))
    batch_size \<i\> \_a\_
    """
    if isinstance(value, Written):
        return value
    return Written(MARKUP.sub(r"\\\g<0>", " ".join(str(value).split())))


def code(text: str) -> Written:
    """Return a text as code, on one line; a backtick in it does not end it.

    >>> print(code("minigrad digits"), code("a`b"))
    `minigrad digits` ``a`b``
    """
    line = " ".join(text.split())
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return Written(f"{fence}{room}{line}{room}{fence}")

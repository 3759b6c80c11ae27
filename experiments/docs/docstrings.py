"""The house's docstrings are plain text. This makes reStructuredText of them, for Sphinx.

Markup are ``names`` between pairs of backticks, a *word* between stars, examples that begin with
``>>>``, and blocks that are indented or aligned in columns, which stay as they are. All else is
prose, in which a star is a star.
"""

import re
import textwrap
from typing import Any

_MARKUP = re.compile(r"(``.+?``|(?<![\w*])\*\w+\*(?![\w*]))", re.DOTALL)
_SPECIAL = re.compile(r"([\\*|_`])")
_ALIGNED = re.compile(r"^ |\S {3,}\S", re.MULTILINE)


def process(app: Any, what: str, name: str, obj: object, options: Any, lines: list[str]) -> None:
    """Do it for a docstring of autodoc, which wants its list of lines changed."""
    lines[:] = as_rst("\n".join(lines)).split("\n")


def as_rst(text: str) -> str:
    r"""Return a docstring as reStructuredText.

    >>> print(as_rst("Of x_i and *one* ``y_``, |g|:\n\n    g * x_i"))
    Of x\_i and *one* ``y_``, \|g\|:
    <BLANKLINE>
    .. code-block:: text
    <BLANKLINE>
        g * x_i
    """
    return "\n\n".join(_block(block) for block in re.split(r"\n\s*\n", text.strip("\n")))


def _block(block: str) -> str:
    if block.startswith(">>>"):
        return block
    if _ALIGNED.search(block):
        return ".. code-block:: text\n\n" + textwrap.indent(textwrap.dedent(block), "    ")
    prose = [
        part if position % 2 else _SPECIAL.sub(r"\\\1", part)  # every second part is markup
        for position, part in enumerate(_MARKUP.split(block.rstrip()))
    ]
    return re.sub(r"::$", ":", "".join(prose))

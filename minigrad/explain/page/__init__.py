"""The page on which a pass can be walked through: one HTML file, with all that it needs inside.

The files beside this one are its template, its style and its scripts, as a browser runs them. Read
`operations.js` first: it is what the layers are, once more, in plain loops.
"""

from __future__ import annotations

import html
import json
import re
from importlib import resources
from typing import Any

# In the order in which each builds on those before.
SCRIPTS = (
    "arrays", "windows", "operations", "arithmetic", "network", "adamax", "contributions",
    "stories", "formulas", "rules", "more_rules", "timeline", "cells", "state", "heatmap",
    "elements", "controls", "network_view", "step_view", "update_view", "cell_view", "digit_view",
    "main",
)  # fmt: skip


def page(trace_json: dict[str, Any], title: str) -> str:
    """Return the page of a trace, as `as_json.to_json` gives it.

    ``trace_json`` may also have "samples", digits to choose from: a list of
    ``{"label": 3, "pixels": [64 numbers from 0 to 16]}``.

    >>> from minigrad.explain.as_json import to_json
    >>> from minigrad.explain.trace import trace
    >>> import minigrad
    >>> x = minigrad.tensor([1.0, -2.0], requires_grad=True)
    >>> text = page(to_json(trace(lambda x: (x * x).sum(), x)), "A sum of squares")
    >>> text.splitlines()[0], "<title>A sum of squares</title>" in text
    ('<!doctype html>', True)
    """
    parts = {
        "title": html.escape(title),
        "style": _read("page.css"),
        # "<" would let a text in the trace end the element that holds it.
        "trace": json.dumps(trace_json, separators=(",", ":")).replace("<", "\\u003c"),
        "script": "\n".join([_read(f"{name}.js") for name in SCRIPTS]),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _read("page.html"))


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")

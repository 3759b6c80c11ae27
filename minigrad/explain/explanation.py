"""explain(): a trace, and the ways to show it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from minigrad.explain import graph
from minigrad.explain.source import source
from minigrad.explain.text import text
from minigrad.explain.trace import trace
from minigrad.explain.parts import Trace
from minigrad.optim.optimizer import Optimizer
from minigrad.tensor import Tensor


class Explanation:
    """One pass, to look at: in a notebook as a page, else as what its methods return."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def text(self) -> str:
        """Return the tape in reverse, in 80 columns."""
        return text(self.trace)

    def source(self) -> str:
        """Return the pass as a program that imports NumPy alone and computes every gradient."""
        return source(self.trace)

    def mermaid(self) -> str:
        """Return the graph in Mermaid's language, which GitHub and many notebooks draw."""
        return graph.mermaid(self.trace)

    def svg(self) -> str:
        """Return the graph as a picture."""
        return graph.svg(self.trace)

    def html(self) -> str:
        """Return the page on which the pass can be walked through."""
        from minigrad.explain.as_json import to_json
        from minigrad.explain.page import page

        return page(to_json(self.trace))

    def save(self, path: str | Path) -> None:
        """Write the page, or what the name's end says: .html, .txt, .py, .svg, .mmd.

        ValueError for any other end.
        """
        path = Path(path)
        kinds = {
            ".html": self.html, ".txt": self.text, ".py": self.source, ".svg": self.svg,
            ".mmd": self.mermaid,
        }  # fmt: skip
        if path.suffix not in kinds:
            raise ValueError(f"{path.name} must end in {', '.join(kinds)}")
        path.write_text(kinds[path.suffix](), encoding="utf-8")

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        steps, values = len(self.trace.steps), len(self.trace.values)
        return f"<Explanation of {steps} operations on {values} values; print(....text())>"


def explain(
    loss: Tensor | Callable[..., Tensor], *inputs: Any, optimizer: Optimizer | None = None
) -> Explanation:
    """Return the explanation of a pass; the arguments are those of ``trace``."""
    return Explanation(trace(loss, *inputs, optimizer=optimizer))

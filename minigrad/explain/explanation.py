"""explain(): a trace, and the ways to show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from minigrad.explain import graph, source, svg, text
from minigrad.explain.as_json import to_json
from minigrad.explain.parts import Trace
from minigrad.explain.trace import trace
from minigrad.optim.optimizer import Optimizer
from minigrad.tensor import Tensor


class Explanation:
    """One pass to look at: in a notebook as a page, elsewhere as what its methods return.

    ``title`` stands over the page, and ``samples`` can be chosen on it: ``{"label": 3, "pixels":
    [...]}`` each.
    """

    title = "One pass, forward and backward"
    samples: Sequence[dict[str, Any]] = ()

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def text(self) -> str:
        """Return the operations, and the same tape in reverse, in 80 columns."""
        return text.text(self.trace)

    def source(self) -> str:
        """Return the pass as a program of NumPy calls; ``save`` also writes the arrays it loads."""
        return source.source(self.trace)[0]

    def mermaid(self) -> str:
        """Return the graph in Mermaid's language, which GitHub and notebooks draw."""
        return graph.mermaid(self.trace)

    def svg(self) -> str:
        """Return the graph as a picture."""
        return svg.svg(self.trace)

    def html(self) -> str:
        """Return the page on which the pass can be walked through; it needs no other file."""
        from minigrad.explain.page import page

        return page({**to_json(self.trace), "samples": list(self.samples)}, self.title)

    def save(self, path: str | Path) -> None:
        """Write what the path's end says: .html, .txt, .py (and .npz beside it), .svg or .mmd.

        ValueError for any other end.
        """
        path = Path(path)
        if path.suffix == ".py":
            program, arrays = source.source(self.trace, path.with_suffix(".npz").name)
            np.savez(path.with_suffix(".npz"), **arrays)  # type: ignore[arg-type]
            path.write_text(program, encoding="utf-8")
            return
        ways = {".html": self.html, ".txt": self.text, ".svg": self.svg, ".mmd": self.mermaid}
        if path.suffix not in ways:
            raise ValueError(f"{path.name} must end in .html, .txt, .py, .svg or .mmd")
        path.write_text(ways[path.suffix](), encoding="utf-8")

    def _repr_html_(self) -> str:
        look = 'style="width: 100%; height: 720px; border: 0"'
        page = escape(self.html())
        return f'<iframe title="{escape(self.title)}" {look} srcdoc="{page}"></iframe>'

    def __repr__(self) -> str:
        return f"<Explanation of {len(self.trace.steps)} operations: see text(), html(), save()>"


def explain(
    loss: Tensor | Callable[..., Tensor], *inputs: Any, optimizer: Optimizer | None = None
) -> Explanation:
    """Return the explanation of a pass. Arguments and errors are those of ``trace``.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    >>> explain(lambda x: (x * x).sum(), x)
    <Explanation of 2 operations: see text(), html(), save()>
    """
    return Explanation(trace(loss, *inputs, optimizer=optimizer))

"""explain: one pass, forward and backward, step by step.

The package can be called, ``minigrad.explain(loss)``. Read it in this order: ``parts.py``, what a
trace is made of; ``tape.py``, the forward pass written down; ``walk.py``, the way back;
``trace.py``, which puts both together. Then the ways to show it: ``text.py``; ``watched.py``,
``program.py``, ``layout.py`` and ``source.py``; ``graph.py`` and ``svg.py``; ``as_json.py`` and
``page/``. ``notebook.py`` shows single tensors and modules.

>>> import minigrad
>>> x = minigrad.tensor([1.0, 2.0], requires_grad=True)
>>> print(minigrad.explain(lambda x: (x * x).sum(), x).mermaid())
flowchart LR
  n0(["x<br>(2,)"])
  n1["Mul"]
  n2["Sum"]
  n3(["loss<br>()"])
  n0 --> n1
  n0 --> n1
  n1 -- "h1 (2,)" --> n2
  n2 -- "loss ()" --> n3
<BLANKLINE>
"""

import sys
import types
import typing

from minigrad.explain.explanation import Explanation, explain
from minigrad.explain.trace import trace

__all__ = ["Explanation", "explain", "trace"]


class _CallablePackage(types.ModuleType):
    """A package that is a function as well; ``__class__`` is Python's own way to that."""

    def __call__(self, *args: typing.Any, **kwargs: typing.Any) -> Explanation:
        return explain(*args, **kwargs)


sys.modules[__name__].__class__ = _CallablePackage

"""The graph that backward walks: operations, tied to the makers of their inputs.

Gradients travel along it as NumPy arrays; with ``create_graph=True``, where they are to be
differentiated themselves, as tensors. Both add up with ``+``.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

Gradient: TypeAlias = "np.ndarray[Any, np.dtype[Any]] | Tensor"


# From an operation to the one that made its input: that one, which of its outputs the input was,
# and the shape and dtype it had.
Edge: TypeAlias = "tuple[Node, int, tuple[int, ...], np.dtype[Any]]"


counter = itertools.count()  # of operations, in the order in which they are recorded
_ARRAYS = (np.ndarray, np.generic)  # NumPy's sums are scalars where no axis is left


class Node:
    """A recorded operation: what PyTorch calls ``grad_fn``. Edges lead back to its inputs."""

    order: int  # the how-manieth operation this was
    edges: Sequence[Edge | None] = ()
    output_count = 1
    # Weak references to the outputs whose gradient is to be kept, by their position.
    retained: dict[int, weakref.ref[Tensor]] | None = None

    def name(self) -> str:
        """Return the name of the operation, with ``Backward`` at its end."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The operation that made each input and the position among its outputs."""
        return tuple((edge[0], edge[1]) if edge else (None, 0) for edge in self.edges)

    def run(self, grad_outputs: list[Gradient | None]) -> tuple[Gradient | None, ...]:
        """Turn the gradients of the outputs into the gradients of the inputs."""
        raise NotImplementedError

    def release(self) -> None:
        """Let go of what was saved for backward."""

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"


class AccumulateGrad(Node):
    """The end of a path: adds the gradient that arrives to ``variable.grad``."""

    order = -1  # a leaf was there before every operation

    def __init__(self, variable: Tensor) -> None:
        self._variable = weakref.ref(variable)  # weak, for the tensor keeps this node

    @property
    def variable(self) -> Tensor | None:
        """The leaf; None when nobody has it any more."""
        return self._variable()

    def accumulate(self, grad: Gradient) -> None:
        """Add; the first gradient is copied, so that it shares memory with no other one."""
        leaf = self._variable()
        if leaf is None:
            return
        if not isinstance(grad, _ARRAYS):  # a tensor: the sum itself is recorded
            leaf.grad = grad.clone() if leaf.grad is None else leaf.grad + grad
        elif leaf.grad is None:
            leaf._begin_grad(grad.copy())
        else:
            leaf.grad._array += grad
            leaf.grad._count_change()

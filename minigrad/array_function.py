"""ArrayFunction: an operation of minigrad's own, written in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from minigrad.function import NOT_A_TENSOR, Function, FunctionCtx, SavedOutput
from minigrad.grad_mode import grad_mode
from minigrad.graph import Edge, Gradient, counter
from minigrad.tensor import Tensor, wrap, wrap_view


class ArrayCtx(FunctionCtx):
    """The context of an operation that computes with arrays."""

    _saved_arrays: tuple[Any, ...] = ()

    def save_for_backward(self, *arrays: Any) -> None:
        """Keep arrays for ``backward``."""
        self._saved_arrays = arrays

    def record_arrays(
        self, args: tuple[Any, ...], arrays: list[Any], array: Any, output: Tensor
    ) -> None:
        """Record the operation; find the tensors that the saved arrays belong to.

        Those know of their history, and of changes in place.
        """
        self.order = next(counter)
        output._edge = (self, 0, output._array.shape, output._array.dtype)
        output._requires_grad = True
        saved: list[tuple[Any, Sequence[int], int]] = []
        for kept in self._saved_arrays:
            if kept is array:
                saved.append((SavedOutput(output), output._versions, 0))
                continue
            for arg, its_array in zip(args, arrays, strict=True):
                if kept is its_array and isinstance(arg, Tensor):
                    saved.append((arg, arg._versions, arg._versions[0]))
                    break
            else:
                saved.append(NOT_A_TENSOR)  # made for backward alone
        self._saved = saved

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What was saved, as arrays; as tensors where the gradient is to be differentiated."""
        if grad_mode.enabled:
            pairs = zip(super().saved_tensors, self._saved_arrays, strict=True)
            return tuple([array if tensor is None else tensor for tensor, array in pairs])
        self.check_saved()
        return self._saved_arrays

    def release(self) -> None:
        """Let go of what was saved."""
        if self._saved:
            self._saved, self._saved_arrays = None, ()

    def run(self, grad_outputs: list[Gradient | None]) -> tuple[Gradient | None, ...]:
        """Call ``backward`` on what travels along the graph: arrays, or tensors."""
        grads = self.function.backward(self, *grad_outputs)
        return grads if type(grads) is tuple else (grads,)


class ArrayFunction(Function):
    """A Function whose ``forward`` takes and returns arrays.

    ``apply`` takes the arrays out of the tensors and makes tensors of the result. ``backward`` is
    given arrays too. Only where the gradient is to be differentiated itself, the same lines run on
    tensors; so they are written in what both have in common: operators, ``.T``, ``.sum``,
    ``.reshape``, indexing, and ``apply`` of other operations, which on arrays only computes.

    >>> class Cube(ArrayFunction):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x * x
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad_output):
    ...         (x,) = ctx.saved_tensors
    ...         return grad_output * 3 * x * x
    >>> import minigrad
    >>> x = minigrad.tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad, Cube.apply(np.float32(2))
    (tensor(12.), np.float32(8.0))
    """

    computes_nothing: ClassVar[bool] = False  # only chooses or moves numbers: NumPy cannot warn
    returns_view: ClassVar[bool] = False  # whether the result may be a view of the first input
    _ctx_class: ClassVar[type[Any]] = ArrayCtx
    _forward: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # Infinities and NaN are numbers here, as in PyTorch: NumPy's warnings stay silent.
        quiet = cls.forward if cls.computes_nothing else np.errstate(all="ignore")(cls.forward)
        cls._forward = staticmethod(quiet)

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run ``forward`` on the arrays of tensors, and record it; on arrays, only compute.

        The first argument says which of the two.
        """
        ctx = cls._ctx_class()
        if not isinstance(args[0], Tensor):
            return cls.forward(ctx, *args)
        recording = grad_mode.enabled
        arrays: list[Any] = []
        edges: list[Edge | None] = []
        for arg in args:
            edge = None
            if isinstance(arg, Tensor):
                arrays.append(arg._array)
                if recording and arg._requires_grad:
                    edge = arg._edge or arg._source()
            else:
                arrays.append(arg)
            edges.append(edge)
        ctx.edges = edges
        array = cls._forward(ctx, *arrays)
        if cls.returns_view and np.may_share_memory(array, arrays[0]):
            output = wrap_view(array, args[0])
        else:
            output = wrap(array)
        if any(edges) and output._array.dtype.kind == "f":
            ctx.record_arrays(args, arrays, array, output)
        return output

"""ArrayFunction: an operation of minigrad's own, written in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from minigrad.function import Function, FunctionCtx, _SavedOutput
from minigrad.grad_mode import grad_mode
from minigrad.graph import Gradient
from minigrad.tensor import Tensor, wrap, wrap_view

_KNOWN = (Tensor, _SavedOutput)


class ArrayCtx(FunctionCtx):
    """The context of an operation that computes with arrays."""

    def record_arrays(
        self, args: tuple[Any, ...], arrays: list[Any], array: Any, output: Tensor
    ) -> None:
        """Record the operation; the arrays that it saved become the tensors they belong to.

        Those know of their history, and of changes in place.
        """
        self.link(args)
        output.grad_fn = self
        output._requires_grad = True
        saved: list[tuple[Any, int]] = []
        for kept in self._to_save:
            if kept is array:
                saved.append((_SavedOutput(output), 0))
                continue
            for tensor, its_array in zip(args, arrays, strict=True):
                if kept is its_array and isinstance(tensor, Tensor):
                    saved.append((tensor, tensor._version))
                    break
            else:
                saved.append((kept, 0))  # made for backward alone
        self._saved = tuple(saved)
        self._to_save = ()

    def _unpack(self, saved: Any, version: int) -> Any:
        if not isinstance(saved, _KNOWN):
            return saved
        tensor: Tensor = super()._unpack(saved, version)
        return tensor if grad_mode.enabled else tensor._array

    def run(self, grad_outputs: list[Gradient | None]) -> tuple[Gradient | None, ...]:
        """Call ``backward`` on what travels along the graph: arrays, or tensors."""
        return self.fitted(self.function.backward(self, *grad_outputs))


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

    returns_view: ClassVar[bool] = (
        False  # whether the result may show the memory of the first input
    )
    _ctx_class: ClassVar[type[Any]] = ArrayCtx
    _forward: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # Infinities and NaN are numbers here, as in PyTorch: NumPy's warnings stay silent.
        cls._forward = staticmethod(np.errstate(all="ignore")(cls.forward))

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run ``forward`` on the arrays of tensors, and record it; on arrays, only compute."""
        ctx = cls._ctx_class()
        recording = grad_mode.enabled
        arrays, needs, computing = [], [], True
        for arg in args:
            if isinstance(arg, Tensor):
                arrays.append(arg._array)
                needs.append(recording and arg._requires_grad)
                computing = False
            else:
                arrays.append(arg)
                needs.append(False)
        ctx.needs_input_grad = tuple(needs)
        if computing:
            return cls.forward(ctx, *args)
        array = cls._forward(ctx, *arrays)
        if cls.returns_view and np.may_share_memory(array, arrays[0]):
            output = wrap_view(array, args[0])
        else:
            output = wrap(array)
        if True in needs:
            ctx.record_arrays(args, arrays, array, output)
        return output

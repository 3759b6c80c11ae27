"""ArrayFunction: an operation of minigrad's own, written in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from minigrad.function import Function, FunctionCtx, _SavedOutput
from minigrad.grad_mode import grad_mode
from minigrad.graph import Gradient
from minigrad.tensor import Tensor, wrap, wrap_view


class ArrayCtx(FunctionCtx):
    """The context of an operation that computes with arrays."""

    _result: Any = None  # what forward returned, until it is recorded

    def _pack(
        self, saved: Any, args: tuple[Any, ...], outputs: tuple[Tensor, ...]
    ) -> tuple[Any, int]:
        """Find the tensor that a saved array belongs to: it knows of its history and changes."""
        for tensor in args:
            if isinstance(tensor, Tensor) and tensor._array is saved:
                return tensor, tensor._version
        if saved is self._result:
            return _SavedOutput(outputs[0]), outputs[0]._version
        return saved, 0  # made for backward alone

    def _unpack(self, saved: Any, version: int) -> Any:
        if not isinstance(saved, Tensor | _SavedOutput):
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
        tensors = [isinstance(a, Tensor) for a in args]
        if True not in tensors:
            ctx.needs_input_grad = (False,) * len(args)
            return cls.forward(ctx, *args)
        pairs = list(zip(args, tensors, strict=True))
        recording = grad_mode.enabled
        needs = [is_tensor and recording and a._requires_grad for a, is_tensor in pairs]
        ctx.needs_input_grad = tuple(needs)
        arrays = [a._array if is_tensor else a for a, is_tensor in pairs]
        array = cls._forward(ctx, *arrays)
        if cls.returns_view and np.may_share_memory(array, arrays[0]):
            output = wrap_view(array, args[0])
        else:
            output = wrap(array)
        if True in needs:
            ctx._result = array
            ctx.record(args, (output,))
            ctx._result = None
        return output

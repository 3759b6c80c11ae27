"""Function: one operation, its forward and its backward; ``apply`` records it.

This is the interface by which PyTorch itself is extended (``torch.autograd.Function``): a class
written here runs there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from minigrad.grad_mode import grad_mode
from minigrad.graph import Gradient, Node, counter

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

_FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after "
    "they have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved tensors after calling backward."
)


class FunctionCtx(Node):
    """The first argument of ``forward`` and ``backward``: what one hands to the other."""

    function: ClassVar[type[Function]]
    output_metadata: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...] = ()
    _materialize_grads = True
    _non_differentiable: tuple[Tensor, ...] = ()
    _to_save: tuple[Any, ...] = ()
    # What was saved, the count of its changes, and where that stood; None when it has been freed.
    _saved: Sequence[tuple[Any, Sequence[int], int]] | None = ()

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep inputs or outputs of ``forward`` for ``backward``."""
        self._to_save = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What was saved. RuntimeError if it has been freed, or changed in place since."""
        self.check_saved()
        return tuple(
            [o.restore(self) if isinstance(o, SavedOutput) else o for o, _, _ in self._saved or ()]
        )

    def check_saved(self) -> None:
        """Raise RuntimeError where what was saved has been freed, or changed in place since."""
        if self._saved is None:
            raise RuntimeError(_FREED)
        for owner, versions, version in self._saved:
            if versions[0] != version:
                raise RuntimeError(_changed_in_place(owner, version, self))

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs of ``forward`` have no gradient."""
        self._non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Say whether a missing gradient reaches ``backward`` as zeros (the default) or as None."""
        self._materialize_grads = value

    @property
    def needs_input_grad(self) -> tuple[bool, ...]:
        """Which arguments of ``forward`` a gradient is wanted for."""
        return tuple([edge is not None for edge in self.edges])

    def record(self, outputs: tuple[Tensor, ...]) -> None:
        """Tie the outputs to this operation."""
        self.order = next(counter)
        self.output_count = len(outputs)
        self.output_metadata = tuple([(o._array.shape, o._array.dtype) for o in outputs])
        for position, output in enumerate(outputs):
            if output._array.dtype.kind == "f" and not _contains(self._non_differentiable, output):
                output._edge = (self, position, *self.output_metadata[position])
                output._requires_grad = True
        self._saved = [self._pack(saved, outputs) for saved in self._to_save]
        self._to_save = self._non_differentiable = ()

    def _pack(
        self, saved: Tensor | None, outputs: tuple[Tensor, ...]
    ) -> tuple[Any, Sequence[int], int]:
        if saved is None:
            return NOT_A_TENSOR
        # A node that held its own output would be a reference cycle: hold the numbers only.
        owner = SavedOutput(saved) if _contains(outputs, saved) else saved
        return owner, saved._versions, saved._versions[0]

    def run(self, grad_outputs: list[Gradient | None]) -> tuple[Gradient | None, ...]:
        """Call ``backward`` on tensors, whatever travels along the graph."""
        from minigrad.tensor import Tensor, wrap

        wrapped = [
            g if g is None or isinstance(g, Tensor) else wrap(g)
            for g in self.materialized(grad_outputs)
        ]
        grads = self.function.backward(self, *wrapped)
        if not isinstance(grads, tuple):
            grads = (grads,)
        for grad in grads:
            if grad is not None and not isinstance(grad, Tensor):
                raise RuntimeError(f"expected Tensor or None (got {type(grad).__name__})")
        if grad_mode.enabled:
            return grads
        return tuple([None if g is None else g._array for g in grads])

    def materialized(self, grads: list[Gradient | None]) -> list[Gradient | None]:
        """Return the gradients of the outputs, with zeros for those that did not arrive."""
        if not self._materialize_grads or not any([g is None for g in grads]):
            return grads
        return [
            np.zeros(shape, dtype) if g is None else g
            for g, (shape, dtype) in zip(grads, self.output_metadata, strict=True)
        ]

    def release(self) -> None:
        """Let go of what was saved, unless nothing was: then a second backward does no harm."""
        if self._saved:
            self._saved = None


class Function:
    """One operation. Subclass it with two static methods, and call ``apply``.

    ``forward(ctx, *args)`` computes the output from tensors and other arguments, and keeps with
    ``ctx.save_for_backward`` what its derivative needs. ``backward(ctx, *grad_outputs)`` returns
    one gradient for each argument of ``forward``, None where there is none. It is written with
    tensor operations, so that it can be recorded and differentiated in its turn.

    >>> import minigrad
    >>> class Square(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad_output):
    ...         (x,) = ctx.saved_tensors
    ...         return grad_output * 2 * x
    >>> x = minigrad.tensor([1.0, -3.0], requires_grad=True)
    >>> Square.apply(x).sum().backward()
    >>> x.grad
    tensor([ 2., -6.])
    """

    _ctx_class: ClassVar[type[FunctionCtx]] = FunctionCtx

    def __init_subclass__(cls) -> None:
        cls._ctx_class = type(f"{cls.__name__}Backward", (cls._ctx_class,), {"function": cls})

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        """Compute the output."""
        raise NotImplementedError(
            "You must implement the forward function for custom autograd.Function."
        )

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Compute the gradient of each argument of ``forward``."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom "
            "autograd.Function to use it with backward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run ``forward``; record it where recording is on and an argument requires a gradient."""
        ctx = cls._ctx_class()
        recording = grad_mode.enabled
        ctx.edges = [
            a._source() if recording and getattr(a, "_requires_grad", False) else None for a in args
        ]
        grad_mode.enabled = False
        try:
            result = cls.forward(ctx, *args)
        finally:
            grad_mode.enabled = recording
        if True not in ctx.needs_input_grad:
            return result
        outputs = result if isinstance(result, tuple) else (result,)
        # An input that is handed back becomes a new tensor: it has a history of its own.
        outputs = tuple([o._alias() if _contains(args, o) else o for o in outputs])
        ctx.record(outputs)
        return outputs if isinstance(result, tuple) else outputs[0]


# In place of a tensor, its changes and their count: nobody else has it, so it cannot change.
NOT_A_TENSOR: tuple[None, tuple[int], int] = (None, (0,), 0)


class SavedOutput:
    """An output kept for backward: its numbers, without the way back to the node that holds it."""

    def __init__(self, output: Tensor) -> None:
        self._array, self._versions = output._array, output._versions
        self._edge = output._source()[1:]  # without the node

    def restore(self, node: Node) -> Tensor:
        """Return the output as it was: made by ``node``."""
        from minigrad.tensor import wrap

        tensor = wrap(self._array.view())
        tensor._versions, tensor._requires_grad = self._versions, True
        tensor._edge = (node, *self._edge)
        return tensor


def _contains(tensors: tuple[Any, ...], wanted: object) -> bool:
    """`in`, by identity: `==` on tensors compares their elements."""
    return any([t is wanted for t in tensors])


def broadcasts_to(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Return whether an array of one shape can be repeated to fill another."""
    aligned = target[len(target) - len(shape) :]
    return len(shape) <= len(target) and all(
        a in (1, b) for a, b in zip(shape, aligned, strict=True)
    )


def _changed_in_place(owner: Any, version: int, node: Node) -> str:
    tensor = owner.restore(node) if isinstance(owner, SavedOutput) else owner
    maker = tensor.grad_fn
    made_by = f"is output {tensor._source()[1]} of {type(maker).__name__}, " if maker else ""
    return (
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: [{tensor.type()} {list(tensor.shape)}], which {made_by}saved by "
        f"{type(node).__name__}, is at version {tensor._version}; expected version {version} "
        "instead. Hint: change a copy (x = x + 1 in place of x += 1, or x.clone()), or make the "
        "change after backward()."
    )

"""Function: one operation, its forward and its backward; ``apply`` records it.

This is the interface by which PyTorch itself is extended (``torch.autograd.Function``): a class
written here runs there. ``backward`` is written with tensor operations, so recording it again
gives the gradient of a gradient.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

import numpy as np

from minigrad.grad_mode import grad_mode

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

_FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after "
    "they have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved tensors after calling backward."
)


class Edge(NamedTuple):
    """From an operation to the one that made its input, with what that input looked like."""

    node: Node
    output_nr: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class Node:
    """A recorded operation: what PyTorch calls ``grad_fn``. Edges lead back to its inputs."""

    edges: tuple[Edge | None, ...] = ()
    output_count = 1

    def __init__(self) -> None:
        # Weak references to the outputs whose gradient is asked for, by their position.
        self.retained: dict[int, weakref.ref[Tensor]] = {}

    def name(self) -> str:
        """Return the name of the operation, with ``Backward`` at its end."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The operation that made each input and the position among its outputs."""
        return tuple((e.node, e.output_nr) if e else (None, 0) for e in self.edges)

    def run(self, grad_outputs: list[Tensor | None]) -> tuple[Tensor | None, ...]:
        """Turn the gradients of the outputs into the gradients of the inputs."""
        raise NotImplementedError

    def release(self) -> None:
        """Let go of what was saved for backward."""

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"


class FunctionCtx(Node):
    """The first argument of ``forward`` and ``backward``: what one hands to the other."""

    function: ClassVar[type[Function]]
    needs_input_grad: tuple[bool, ...] = ()
    materialize_grads = True
    _saved: tuple[tuple[Any, int], ...] | None = ()
    _non_differentiable: tuple[Tensor, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or outputs of ``forward`` for ``backward``."""
        self._saved = tuple((t, 0 if t is None else t._version) for t in tensors)

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What was saved. RuntimeError if it has been freed, or changed in place since."""
        if self._saved is None:
            raise RuntimeError(_FREED)
        tensors = []
        for saved, version in self._saved:
            tensor = saved.unpack(self) if isinstance(saved, _SavedOutput) else saved
            if tensor is not None and tensor._version != version:
                raise RuntimeError(_changed_in_place(tensor, version, self))
            tensors.append(tensor)
        return tuple(tensors)

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs of ``forward`` have no gradient."""
        self._non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Say whether a missing gradient reaches ``backward`` as zeros (the default) or as None."""
        self.materialize_grads = value

    def record(self, args: tuple[Any, ...], result: Any) -> Any:
        """Tie the outputs to this operation, and this operation to the makers of its inputs."""
        outputs = result if isinstance(result, tuple) else (result,)
        # An input that is handed back becomes a new tensor: it has a history of its own.
        outputs = tuple([o._alias() if _contains(args, o) else o for o in outputs])
        self.edges = tuple(
            [
                a._edge() if need else None
                for a, need in zip(args, self.needs_input_grad, strict=True)
            ]
        )
        self.output_metadata = [(o._array.shape, o._array.dtype) for o in outputs]
        self.output_count = len(outputs)
        for position, output in enumerate(outputs):
            if output._array.dtype.kind == "f" and not _contains(self._non_differentiable, output):
                output.grad_fn = self
                output._output_nr = position
                output._requires_grad = True
        if self._saved:
            # A node that held its own output would be a reference cycle: hold the numbers only.
            self._saved = tuple(
                [(_SavedOutput(t), v) if _contains(outputs, t) else (t, v) for t, v in self._saved]
            )
        self._non_differentiable = ()
        return outputs if isinstance(result, tuple) else outputs[0]

    def run(self, grad_outputs: list[Tensor | None]) -> tuple[Tensor | None, ...]:
        """Call ``backward`` and check what it returns against the inputs of ``forward``."""
        if self.materialize_grads and any([g is None for g in grad_outputs]):
            from minigrad.tensor import wrap

            grad_outputs = [
                wrap(np.zeros(shape, dtype)) if g is None else g
                for g, (shape, dtype) in zip(grad_outputs, self.output_metadata, strict=True)
            ]
        grads = self.function.backward(self, *grad_outputs)
        if not isinstance(grads, tuple):
            grads = (grads,)
        if len(grads) != len(self.edges):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients "
                f"(expected {len(self.edges)}, got {len(grads)})"
            )
        return tuple(
            [
                None if grad is None or edge is None else self._fit(grad, edge, position)
                for position, (grad, edge) in enumerate(zip(grads, self.edges, strict=True))
            ]
        )

    def _fit(self, grad: Tensor, edge: Edge, position: int) -> Tensor:
        """Give a gradient the shape and dtype of its input: the sum undoes a broadcast."""
        array = grad._array
        if array.shape != edge.shape:
            if not _broadcasts_to(edge.shape, array.shape):
                raise RuntimeError(
                    f"Function {self.name()} returned an invalid gradient at index {position} - "
                    f"got {list(array.shape)} but expected shape compatible with {list(edge.shape)}"
                )
            grad = grad.sum_to_size(edge.shape)
        if array.dtype != edge.dtype:
            from minigrad.dtypes import from_numpy_dtype

            grad = grad.to(from_numpy_dtype(edge.dtype))
        return grad

    def release(self) -> None:
        """Let go of what was saved, unless nothing was: then a second backward does no harm."""
        if self._saved:
            self._saved = None


class AccumulateGrad(Node):
    """The end of a path: adds the gradient that arrives to ``variable.grad``."""

    def __init__(self, variable: Tensor) -> None:
        super().__init__()
        self.variable = variable

    def run(self, grad_outputs: list[Tensor | None]) -> tuple[Tensor | None, ...]:
        """Add; the first gradient is copied, so that it shares memory with no other one."""
        (grad,) = grad_outputs
        assert grad is not None
        leaf = self.variable
        if leaf.grad is None:
            leaf.grad = grad.clone()
        elif grad_mode.enabled:  # create_graph=True: the sum itself is recorded
            leaf.grad = leaf.grad + grad
        else:
            leaf.grad += grad
        return ()


class Function:
    """One operation. Subclass it with two static methods, and call ``apply``.

    ``forward(ctx, *args)`` computes the output from tensors and other arguments, and keeps with
    ``ctx.save_for_backward`` what its derivative needs. ``backward(ctx, *grad_outputs)`` returns
    one gradient for each argument of ``forward``, None where there is none.

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

    _node_class: ClassVar[type[FunctionCtx]] = FunctionCtx
    _forward: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls) -> None:
        cls._node_class = type(f"{cls.__name__}Backward", (FunctionCtx,), {"function": cls})
        # Infinities and NaN are numbers here, as in PyTorch: NumPy's warnings stay silent.
        cls._forward = staticmethod(np.errstate(all="ignore")(cls.forward))

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        """Compute the output."""
        raise NotImplementedError("You must implement the forward function for custom Function.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Compute the gradient of each argument of ``forward``."""
        raise NotImplementedError("You must implement the backward function for custom Function.")

    @classmethod
    def apply(cls, *args: Any) -> Tensor:
        """Run ``forward``; record it where recording is on and an argument requires a gradient.

        Returns what ``forward`` returns: a tensor, or a tuple of them.
        """
        ctx = cls._node_class()
        recording = grad_mode.enabled
        needs = [recording and getattr(a, "_requires_grad", False) for a in args]
        ctx.needs_input_grad = tuple(needs)
        grad_mode.enabled = False
        try:
            result: Any = cls._forward(ctx, *args)
        finally:
            grad_mode.enabled = recording
        if True in needs:
            result = ctx.record(args, result)
        return cast("Tensor", result)


class _SavedOutput:
    """An output kept for backward: its numbers, without the way back to the node that holds it."""

    def __init__(self, output: Tensor) -> None:
        self._numbers = output._alias()
        self._output_nr = output._output_nr

    def unpack(self, node: FunctionCtx) -> Tensor:
        tensor = self._numbers._alias()
        tensor.grad_fn, tensor._output_nr, tensor._requires_grad = node, self._output_nr, True
        return tensor


def _contains(tensors: tuple[Any, ...], wanted: object) -> bool:
    """`in`, by identity: `==` on tensors compares their elements."""
    return any([t is wanted for t in tensors])


def _broadcasts_to(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    aligned = target[len(target) - len(shape) :]
    return len(shape) <= len(target) and all(
        a in (1, b) for a, b in zip(shape, aligned, strict=True)
    )


def _changed_in_place(tensor: Tensor, version: int, node: Node) -> str:
    made_by = (
        f"is output {tensor._output_nr} of {tensor.grad_fn.name()}, "
        if tensor.grad_fn is not None
        else ""
    )
    return (
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: [{tensor.type()} {list(tensor.shape)}], which {made_by}saved by "
        f"{node.name()}, is at version {tensor._version}; expected version {version} "
        "instead. Hint: change a copy (x = x + 1 in place of x += 1, or x.clone()), or make the "
        "change after backward()."
    )

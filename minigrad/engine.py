"""backward(): the walk from the loss to the leaves.

Each tensor remembers the operation that made it, so the operations form a graph that leads from
the loss back to the leaves. The chain rule says: the gradient of a value is the *sum* of what all
its consumers send back. An operation can therefore run only when every one of its consumers has:
the walk must follow a topological order. One is at hand. An operation can only consume what exists
already, so it was recorded after everything it consumes; the latest operation first is right.

The walk is a loop over a queue, not a recursion, so a chain of 100,000 operations is as good as one
of ten.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np

from minigrad.function import broadcasts_to
from minigrad.grad_mode import set_grad_enabled
from minigrad.graph import AccumulateGrad, Edge, Gradient, Node
from minigrad.refuse import refuse
from minigrad.tensor import Tensor, wrap


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: None = None,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Add the gradient of ``tensors`` to the ``grad`` of the leaves they were computed from.

    ``grad_tensors`` is what arrives from above, one for each tensor, of its shape; it may be left
    out for tensors of one element. ``inputs`` restricts the leaves. ``grad_variables`` is a name of
    old for ``grad_tensors``, which is not supported.

    >>> import minigrad
    >>> x = minigrad.tensor(3.0, requires_grad=True)
    >>> backward(x * x)
    >>> x.grad
    tensor(6.)
    """
    refuse("backward", grad_variables=grad_variables is not None)
    roots = _as_tuple(tensors)
    wanted = None if inputs is None else _as_tuple(inputs)
    if wanted == ():
        raise RuntimeError("`inputs` argument to `backward` cannot be empty.")
    grads = _walk(roots, _upstream(roots, grad_tensors), retain_graph, create_graph, wanted)
    with set_grad_enabled(create_graph):
        for tensor, grad in zip(wanted or (), grads, strict=True):
            if grad is not None:
                AccumulateGrad(tensor).accumulate(grad)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of ``outputs`` with respect to ``inputs``; no ``grad`` is changed.

    ``only_inputs=False`` and ``is_grads_batched=True`` are not supported.

    >>> import minigrad
    >>> x = minigrad.tensor(3.0, requires_grad=True)
    >>> (first,) = grad(x ** 3, x, create_graph=True)
    >>> (second,) = grad(first, x)
    >>> first.item(), second.item()
    (27.0, 18.0)
    """
    refuse("grad", is_grads_batched=is_grads_batched)
    if not only_inputs:
        raise NotImplementedError("minigrad's grad has only_inputs=True alone")
    roots, wanted = _as_tuple(outputs), _as_tuple(inputs)
    grads = _walk(roots, _upstream(roots, grad_outputs), retain_graph, create_graph, wanted)
    if materialize_grads:
        pairs = zip(wanted, grads, strict=True)
        grads = tuple([np.zeros_like(t._array) if g is None else g for t, g in pairs])
    elif not allow_unused and any(g is None for g in grads):
        raise RuntimeError(
            "One of the differentiated Tensors appears to not have been used in the graph. "
            "Set allow_unused=True if this is the desired behavior."
        )
    # Copied, so that no two of them share memory.
    return tuple([g if g is None or isinstance(g, Tensor) else wrap(np.array(g)) for g in grads])


def _walk(
    roots: tuple[Tensor, ...],
    grads: list[Tensor],
    retain_graph: bool | None,
    create_graph: bool,
    inputs: tuple[Tensor, ...] | None,
) -> tuple[Gradient | None, ...]:
    """Walk the graph; with ``inputs``, return their gradients in place of adding them to leaves."""
    if retain_graph is None:
        retain_graph = create_graph
    for tensor in inputs or ():
        if not tensor._requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    # Where the gradients of `inputs` pass: asked now, for a backward may give a tensor new data.
    wanted = [tensor._source()[:2] for tensor in inputs or ()]
    captured: dict[tuple[Node, int], Gradient | None] = dict.fromkeys(wanted)
    runs = None if inputs is None else _on_the_way(roots, {node for node, _ in wanted})

    # The sums of the gradients that have reached the leaves so far, ...
    leaves: dict[AccumulateGrad, Gradient] = {}
    # ... and the outputs of the operations: arrived[node][k] is that of output k.
    arrived: dict[Node, list[Gradient | None]] = {}
    node = Node()
    queue: list[tuple[int, Node]] = []  # a heap: the node that was recorded last comes first
    # The gradients that travel next, each with the edge it travels along.
    travelling: Iterable[tuple[Edge | None, Any]] = [
        (root._source(), grad if create_graph else grad._array)
        for root, grad in zip(roots, grads, strict=True)
    ]
    with set_grad_enabled(create_graph), np.errstate(all="ignore"):
        while True:
            for edge, grad in travelling:
                if edge is None or grad is None:
                    continue
                maker, output_nr, shape, dtype = edge
                if runs is not None and maker not in runs:
                    continue
                if grad.shape != shape or grad.dtype is not dtype:
                    grad = _fit(grad, edge, node)
                if isinstance(maker, AccumulateGrad):
                    leaves[maker] = leaves[maker] + grad if maker in leaves else grad
                    continue
                sums = arrived.get(maker)
                if sums is None:
                    sums = arrived[maker] = [None] * maker.output_count
                    heapq.heappush(queue, (-maker.order, maker))
                before = sums[output_nr]
                # Never added in place: the array may belong to another gradient too.
                sums[output_nr] = grad if before is None else before + grad
            if not queue:
                break
            _, node = heapq.heappop(queue)
            sums = arrived.pop(node)
            if node.retained or captured:
                _keep(node, sums, captured)
            if runs is not None and not runs[node]:
                travelling = ()
                continue
            input_grads = node.run(sums)
            if len(input_grads) != len(node.edges):
                _check_count(node, input_grads)
            travelling = zip(node.edges, input_grads, strict=False)
            if not retain_graph:
                node.release()
        for leaf, grad in leaves.items():
            if inputs is None:
                leaf.accumulate(grad)
            else:  # no other leaf is on the way
                captured[leaf, 0] = grad
    return tuple([captured[source] for source in wanted])


def _on_the_way(roots: tuple[Tensor, ...], targets: set[Node]) -> dict[Node, bool]:
    """Return the nodes whose gradients are needed for those of the targets.

    With each, whether it has to run: not where only the gradient of its own output was asked for.
    What lies beyond is left alone, and what it saved is not freed.
    """
    reached: set[Node] = set()
    waiting: list[Node] = [root._source()[0] for root in roots]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += [edge[0] for edge in node.edges if edge]
    found = dict.fromkeys(targets, False)
    # The earliest first: an operation can only lead to what was recorded before it.
    for node in sorted(reached, key=lambda node: node.order):
        if any([edge and edge[0] in found for edge in node.edges]):
            found[node] = True
    return found


def _check_count(node: Node, grads: tuple[Any, ...]) -> None:
    """Refuse fewer gradients than inputs; more will do if they are None."""
    count = len(node.edges)
    if len(grads) < count or any([g is not None for g in grads[count:]]):
        raise RuntimeError(
            f"function {type(node).__name__} returned an incorrect number of gradients "
            f"(expected {count}, got {len(grads)})"
        )


def _fit(grad: Any, edge: Edge, consumer: Node) -> Gradient:
    """Give a gradient the shape and dtype of its input: the sum undoes a broadcast."""
    from minigrad.functions import Cast, unbroadcast

    _, _, shape, dtype = edge
    if not broadcasts_to(shape, grad.shape):
        raise RuntimeError(
            f"Function {type(consumer).__name__} returned an invalid gradient at index "
            f"{[e is edge for e in consumer.edges].index(True)} - got {list(grad.shape)} but "
            f"expected shape compatible with {list(shape)}"
        )
    if grad.shape != shape:
        grad = unbroadcast(grad, shape)
    if getattr(grad, "_array", grad).dtype != dtype:
        grad = Cast.apply(grad, dtype)
    return cast("Gradient", grad)


def _keep(
    node: Node,
    outputs: list[Gradient | None],
    captured: dict[tuple[Node, int], Gradient | None],
) -> None:
    """Put aside the gradients of this node's outputs that somebody asked for."""
    for position, reference in (node.retained or {}).items():
        tensor, grad = reference(), outputs[position]
        if tensor is not None and grad is not None:
            AccumulateGrad(tensor).accumulate(grad)
    for position, grad in enumerate(outputs):
        if (node, position) in captured:
            captured[node, position] = grad


def _upstream(
    roots: tuple[Tensor, ...], grads: Tensor | Sequence[Tensor | None] | None
) -> list[Tensor]:
    """Return the gradient that the walk starts with at each root: one, for a scalar."""
    given = (None,) * len(roots) if grads is None else _as_tuple(grads)
    if len(given) != len(roots):
        raise RuntimeError(f"got {len(roots)} tensors and {len(given)} gradients")
    upstream = []
    for position, (root, grad) in enumerate(zip(roots, given, strict=True)):
        if not root._requires_grad:
            raise RuntimeError(
                f"element {position} of tensors does not require grad and does not have a grad_fn"
            )
        if grad is None:
            if root._array.size != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            grad = wrap(np.ones(root._array.shape, root._array.dtype))
        elif not isinstance(grad, Tensor):
            raise TypeError(
                f"gradients can be either Tensors or None, but got {type(grad).__name__}"
            )
        elif grad.shape != root.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{position}] has a shape of {grad.shape} and "
                f"output[{position}] has a shape of {root.shape}."
            )
        upstream.append(grad)
    return upstream


def _as_tuple(tensors: Tensor | Sequence[Tensor | None]) -> tuple[Tensor, ...]:
    return (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)  # type: ignore[arg-type]

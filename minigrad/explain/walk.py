"""The walk from the loss back, in slow motion: every gradient is kept, and who contributed what.

It is the walk of ``engine.py`` without its speed: the latest operation first, contributions added
in the order in which they arrive. So the sums are those of ``backward()``, to the last bit.
"""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from minigrad import engine
from minigrad.explain.parts import Contribution, Step
from minigrad.explain.tape import Tape, argument_names
from minigrad.grad_mode import no_grad
from minigrad.graph import Edge, Node
from minigrad.tensor import Tensor


def walk(loss: Tensor, tape: Tape) -> list[Step]:
    """Fill in the gradient of each value on the tape; return the steps in backward's order.

    No ``grad`` of a tensor is changed, and nothing that was saved is freed.
    """
    root = loss._source()
    arrived: dict[Node, list[Any]] = {}  # as in the engine: arrived[node][k] is that of output k
    queue: list[tuple[int, Node]] = []

    def arrive(edge: Edge, grad: Any) -> None:
        node, position, _, _ = edge
        if node not in arrived:
            arrived[node] = [None] * node.output_count
            if node in tape.step_of:  # else the path ends: at a leaf, or what was there before
                heapq.heappush(queue, (-node.order, node))
        before = arrived[node][position]
        arrived[node][position] = total = grad if before is None else before + grad
        tape.at(edge).grad = np.asarray(total)

    steps = []
    with no_grad(), np.errstate(all="ignore"):
        arrive(root, np.ones(root[2], root[3]))
        while queue:
            _, node = heapq.heappop(queue)
            step = tape.step_of[node]
            steps.append(step)
            names = argument_names(step.function, len(node.edges))
            input_grads: Any = node.run(arrived[node])
            for edge, name, sent in zip(node.edges, names, input_grads, strict=False):
                if edge is None or sent is None:
                    continue
                grad: Any = sent
                if (sent.shape, sent.dtype) != edge[2:]:
                    grad = engine._fit(sent, edge, node)
                arrive(edge, grad)
                found = Contribution(step, name, np.asarray(sent), np.asarray(grad))
                tape.at(edge).contributions.append(found)
    return steps

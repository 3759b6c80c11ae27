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
from minigrad.graph import AccumulateGrad, Node
from minigrad.tensor import Tensor


def walk(loss: Tensor, tape: Tape) -> list[Step]:
    """Fill in the gradient of each value on the tape; return the steps in backward's order.

    No ``grad`` of a tensor is changed, and nothing that was saved is freed.
    """
    root = loss._source()
    arrived: dict[Node, list[Any]] = {root[0]: [None] * root[0].output_count}
    arrived[root[0]][root[1]] = tape.at(root).grad = np.ones(root[2], root[3])
    queue = [(-root[0].order, root[0])]
    steps = []
    with no_grad(), np.errstate(all="ignore"):
        while queue:
            _, node = heapq.heappop(queue)
            step = tape.step_of[node]
            steps.append(step)
            names = argument_names(step.function, len(node.edges))
            input_grads: Any = node.run(arrived.pop(node))
            for edge, name, sent in zip(node.edges, names, input_grads, strict=False):
                if edge is None or sent is None:
                    continue
                maker, position, shape, dtype = edge
                grad: Any = sent
                if sent.shape != shape or sent.dtype != dtype:
                    grad = engine._fit(sent, edge, node)
                value = tape.at(edge)
                value.contributions.append(Contribution(step, name, sent, grad))
                value.grad = grad if value.grad is None else value.grad + grad
                if isinstance(maker, AccumulateGrad):
                    continue
                if maker not in arrived:
                    arrived[maker] = [None] * maker.output_count
                    heapq.heappush(queue, (-maker.order, maker))
                arrived[maker][position] = value.grad
    return steps

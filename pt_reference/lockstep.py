"""Two trainings side by side, step by step: where they part, and why.

The twins, one in minigrad and one in PyTorch, start from the same weights and see the same batches.
In each step their losses, gradients and parameters are compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pt_reference.decisions import Watch, first_difference
from pt_reference.outcome import Outcome
from pt_reference.weights import arrays, framework

# Measured on Digits: while no decision is turned, float32 stays below 2e-5 in gradients. A turned
# decision shows as 2e-4 to 1e-1 in the gradients of the same step.
TOLERANCE = {"float32": 1e-4, "float64": 1e-9}


@dataclass(frozen=True)
class Twin:
    """One of the two trainings: `model(x, y)` is the loss of a batch.

    `epochs` is an iterable of epochs, each an iterable of batches (x, y): `[loader] * 3`, say.
    """

    model: Any
    optimizer: Any
    epochs: Iterable[Iterable[tuple[Any, Any]]]


def lockstep(ours: Twin, theirs: Twin, tolerance: float | None = None) -> Outcome:
    """Train two twins until a tensor parts by more than `tolerance`, or the batches end.

    Compared are, in this order: the parameters before training; then in each step the batch, the
    loss, the gradients from the last layer to the first, as backward makes them, the parameters.
    Of a gradient that is nothing but rounding Adamax makes a full step, either way: what such steps
    have put between two parameters is no difference.

    >>> import torch, minigrad
    >>> from pt_reference.networks import classifier, mlp
    >>> def twin(framework, lr):
    ...     framework.manual_seed(0)
    ...     model = classifier(mlp(framework.nn), framework.nn)
    ...     batch = framework.ones(5, 64), framework.arange(5)
    ...     return Twin(model, framework.optim.SGD(model.parameters(), lr=lr), [[batch] * 3])
    >>> lockstep(twin(minigrad, 0.1), twin(torch, 0.1)).parting is None
    True
    >>> lockstep(twin(minigrad, 0.1), twin(torch, 0.2)).parting.tensor
    'parameter classnet.0.weight'
    """
    names = framework(ours.model).__name__, framework(theirs.model).__name__
    pairs = [
        (name, a, b)
        for (name, a), (_, b) in zip(
            ours.model.named_parameters(), theirs.model.named_parameters(), strict=True
        )
    ]
    kind = arrays(pairs[0][1]).dtype.name
    outcome = Outcome(names, TOLERANCE[kind] if tolerance is None else tolerance)
    parts = outcome.parts
    if any(parts((0, 0, 0), f"parameter {name}", a, b) for name, a, b in pairs):
        return outcome
    by_rounding = {name: np.zeros(a.shape) for name, a, _ in pairs}
    with Watch(ours.model) as watch, Watch(theirs.model) as watch2:
        for when, (x, y), (x2, y2) in _batches(ours, theirs):
            if parts(when, "batch x", x, x2) or parts(when, "batch y", y, y2):
                break
            watch.seen.clear()
            watch2.seen.clear()
            loss, loss2 = _step(ours, x, y), _step(theirs, x2, y2)
            outcome.losses.append((loss.item(), loss2.item()))
            if (decision := first_difference(watch, watch2)) is not None:
                outcome.decisions[when[0]] = decision
            if parts(when, "loss", loss, loss2) or any(
                parts(when, f"gradient of {n}", a.grad, b.grad) for n, a, b in pairs[::-1]
            ):
                break
            for name, a, b in pairs:
                only_rounding = np.asarray(_is_rounding(a, b, outcome.tolerance))
                by_rounding[name][only_rounding] = (arrays(a) - arrays(b))[only_rounding]
            if any(parts(when, f"parameter {n}", a, b, by_rounding[n]) for n, a, b in pairs):
                break
            outcome.forget(when[0] - 1)
    return outcome


def _is_rounding(ours: Any, theirs: Any, tolerance: float) -> Any:
    """Return where two parameters' gradients are nothing beside the largest of their tensor."""
    grads = [arrays(p.grad) for p in (ours, theirs)]
    if any(grad is None for grad in grads):
        return False
    larger = np.maximum(*map(np.abs, grads))
    return larger <= tolerance * larger.max(initial=0)


def _batches(ours: Twin, theirs: Twin) -> Iterator[tuple[tuple[int, int, int], Any, Any]]:
    """Yield ((step, epoch, batch), our batch, their batch), each number counted from 1."""
    step = 0
    for epoch, pair in enumerate(zip(ours.epochs, theirs.epochs, strict=True), start=1):
        for batch, (a, b) in enumerate(zip(*pair, strict=True), start=1):
            step += 1
            yield (step, epoch, batch), a, b


def _step(twin: Twin, x: Any, y: Any) -> Any:
    """Take one step, and return the loss before it."""
    loss = twin.model(x, y)
    twin.optimizer.zero_grad()
    loss.backward()
    twin.optimizer.step()
    return loss

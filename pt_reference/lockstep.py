"""Two trainings side by side, step by step: where they part, and why.

The twins, one in minigrad and one in PyTorch, start from the same weights and see the same batches.
In each step their losses, gradients and parameters are compared. The difference of a tensor, with
values a in one and b in the other, is relative to its scale, each maximum over the whole tensor::

    max |a - b| / max(|a|, |b|)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pt_reference.decisions import Decision, Watch, first_difference
from pt_reference.weights import arrays, framework

# Measured on Digits: while no decision is turned, float32 stays below 2e-5 in gradients and below
# 1e-4 in parameters (Adamax makes a full step of a gradient that is nothing but rounding). A turned
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


@dataclass(frozen=True)
class Parting:
    """The first tensor that differs by more than the tolerance, and its element that does most."""

    step: int  # 0 is before training
    epoch: int
    batch: int
    tensor: str
    index: tuple[int, ...]
    values: tuple[Any, Any]
    difference: float


@dataclass
class Outcome:
    """What the comparison found; `str` of it says so in a paragraph."""

    names: tuple[str, str]
    tolerance: float
    parting: Parting | None = None
    decision: Decision | None = None  # the first that was made differently
    decision_step: int = 0
    losses: list[tuple[float, float]] = field(default_factory=list)  # of each step
    growth: dict[int, dict[str, float]] = field(default_factory=dict)  # step: tensor: difference

    @property
    def steps(self) -> int:
        """How many steps both have made."""
        return len(self.losses)

    def __str__(self) -> str:
        p = self.parting
        if p is None:
            largest = max(self.growth[self.steps].values())
            place = (
                f"In {self.steps} steps no tensor parts by more than {self.tolerance:.0e} of its "
                f"scale; in the last step, the largest difference is {largest:.0e}."
            )
            return f"{place} {self._why()}" if self.decision else place
        when = f"in step {p.step} (epoch {p.epoch}, batch {p.batch})" if p.step else "before step 1"
        element = f"{p.tensor} {list(p.index)}" if p.index else p.tensor
        return (
            f"The runs part {when}: {element} is {p.values[0]} in {self.names[0]} and "
            f"{p.values[1]} in {self.names[1]}, {p.difference:.0e} of the tensor's scale apart. "
            f"{self._why()}"
        )

    def _why(self) -> str:
        p, decision = self.parting, self.decision
        if p and (p.step == 0 or p.tensor.startswith("batch")):
            return "The two were given different numbers."
        if decision:
            ago = self.steps - self.decision_step
            when = f"{ago} step{'s' * (ago > 1)} before" if ago else "In this step"
            near = decision.margin <= self.tolerance
            ground = (
                "a near-tie that rounding decides, since each adds up the same products in another "
                "order; the gradient then takes another way"
                if near
                else "too far for rounding: these values had parted before"
            )
            size = f"{decision.margin:.0e} of the layer's largest value"
            return f"{when}, {decision.text(self.names)}. That is {size}: {ground}."
        sizes = {step: of[p.tensor] for step, of in self.growth.items() if step and p.tensor in of}
        before = max(sizes.get(p.step - 1, 0.0), float(np.finfo(p.values[0].dtype).eps))
        if p.difference > 1000 * before:
            return (
                "No max-pool or ReLU decides differently, and so sudden a difference is not "
                "rounding: the two compute different things."
            )
        grown = ", ".join(f"{size:.0e} in step {step}" for step, size in sizes.items())
        return f"No max-pool or ReLU decides differently: rounding has grown, {grown}."

    def _parts(self, when: tuple[int, int, int], tensor: str, a: Any, b: Any) -> bool:
        """Compare two tensors, and keep the place if they differ by too much."""
        a, b = arrays(a), arrays(b)
        if a is None or b is None:  # a gradient that was never computed counts as zeros
            if a is b:
                return False
            a, b = np.zeros_like(b) if a is None else a, np.zeros_like(a) if b is None else b
        difference, index = _difference(a, b)
        self.growth.setdefault(when[0], {})[tensor] = difference
        if not difference <= self.tolerance:
            self.parting = Parting(*when, tensor, index, (a[index], b[index]), difference)
        return self.parting is not None

    def _forget(self, step: int) -> None:
        """Keep the growth of steps 1, 10, 100, ... alone."""
        if step and step != 10 ** (len(str(step)) - 1):
            del self.growth[step]


def lockstep(ours: Twin, theirs: Twin, tolerance: float | None = None) -> Outcome:
    """Train two twins until a tensor parts by more than `tolerance`, or the batches end.

    Compared are, in this order: the parameters before training; then in each step the batch, the
    loss, the gradients from the last layer to the first, as backward makes them, the parameters.

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
    parts = outcome._parts
    if any(parts((0, 0, 0), f"parameter {name}", a, b) for name, a, b in pairs):
        return outcome
    with Watch(ours.model) as watch, Watch(theirs.model) as watch2:
        for when, (x, y), (x2, y2) in _batches(ours, theirs):
            if parts(when, "batch x", x, x2) or parts(when, "batch y", y, y2):
                break
            watch.seen.clear()
            watch2.seen.clear()
            loss, loss2 = _step(ours, x, y), _step(theirs, x2, y2)
            outcome.losses.append((loss.item(), loss2.item()))
            if outcome.decision is None:
                outcome.decision = first_difference(watch, watch2)
                outcome.decision_step = outcome.steps
            if (
                parts(when, "loss", loss, loss2)
                or any(parts(when, f"gradient of {n}", a.grad, b.grad) for n, a, b in pairs[::-1])
                or any(parts(when, f"parameter {n}", a, b) for n, a, b in pairs)
            ):
                break
            outcome._forget(when[0] - 1)
    return outcome


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


def _difference(a: np.ndarray, b: np.ndarray) -> tuple[float, tuple[int, ...]]:
    """Return how far apart two tensors are, relative to their scale, and where they are most.

    A NaN in one alone is infinitely far.

    >>> _difference(np.array([1.0, 4.0]), np.array([1.0, 5.0]))
    (0.2, (1,))
    """
    with np.errstate(all="ignore"):
        gap = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, abs(a - np.float64(1) * b))
        gap[np.isnan(gap)] = np.inf
        scale = np.nanmax(np.maximum(abs(a), abs(b)), initial=0.0)
    index = tuple(int(i) for i in np.unravel_index(gap.argmax(), gap.shape)) if gap.size else ()
    worst = gap[index] if gap.size else 0.0
    return (float(worst / scale) if np.isfinite(worst) and worst else float(worst)), index

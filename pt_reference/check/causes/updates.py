"""An optimizer's first wrong update, beside those that other options or a lost state would make."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pt_reference.check import oracle
from pt_reference.check.cases import Case
from pt_reference.check.causes.arrays import ratio
from pt_reference.check.causes.evidence import Arrays, Evidence, near, same
from pt_reference.check.causes.words import say
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import Cause, Failure

ALMOST_ONE = float(np.nextafter(1, 0))


class Update(Evidence):
    """The move of one parameter at one step."""

    def __init__(self, layer: str, failure: Failure) -> None:
        super().__init__(layer, failure)
        self.step = failure.step
        names = [k for k in self.case.inputs if "." not in k]
        moves = {k: self._move(self.case, k) for k in names}
        alike = [k for k, m in moves.items() if m is not None and same(self.expected, m)]
        self.name = next(iter(alike), names[0])
        self.grad = self.case.inputs.get(f"{self.name}.grad{self.step}")

    def if_(self, inputs: Arrays | None = None, **changes: object) -> np.ndarray | None:
        """Return the move that PyTorch makes if the case is changed."""
        inputs = {**self.case.inputs, **(inputs or {})}
        return self._move(replace(self.case, inputs=inputs, **changes), self.name)

    def _move(self, case: Case, name: str) -> np.ndarray | None:
        found = oracle.answer(self.layer, case)
        after = found.get(f"{name}.step{self.step}")
        before = found.get(f"{name}.step{self.step - 1}", case.inputs[name])
        return None if after is None else after - before

    def is_(self, other: np.ndarray | None) -> bool:
        """Return whether the move is another one."""
        return other is not None and self._alike(self.yours, other)

    def tells_apart(self, other: np.ndarray | None) -> bool:
        """Return whether the move is another one, and that is not the expected one."""
        return other is not None and self.is_(other) and not self._alike(self.expected, other)

    def _alike(self, a: np.ndarray, b: np.ndarray) -> bool:
        """Return whether two moves are equal but for the rounding of the parameter."""
        if a.shape != b.shape:
            return False
        eps = float(np.finfo(b.dtype).eps)
        rounding = 8 * eps * np.abs(self.case.inputs[self.name]).max(initial=1)
        with np.errstate(all="ignore"):
            return bool(np.all(np.abs(a - b) <= 1e6 * eps * np.abs(b) + rounding))


def option_left_out(e: Update) -> Cause | None:
    """Ask for the case without one of its options."""
    for name in e.case.options:
        options = {k: v for k, v in e.case.options.items() if k != name}
        if e.tells_apart(e.if_(options=options)):
            return say(f"ignores_option:{name}", f"with {name}")
    return None


def other_option(e: Update) -> Cause | None:
    """Ask for a state that is lost or never decays, for the betas exchanged."""
    beta1, beta2 = e.case.options.get("betas", LAYERS[e.layer].options["betas"])
    for name, value, kind in (
        ("betas", (beta1, ALMOST_ONE), "ignores_option"),
        ("betas", (beta2, beta1), "misuses_option"),
        ("betas", (beta1, beta1), "misuses_option"),
        ("betas", (beta2, beta2), "misuses_option"),
        ("betas", (0.0, beta2), "ignores_option"),
        ("betas", (beta1, 0.0), "ignores_option"),
    ):
        if e.tells_apart(e.if_(options={**e.case.options, name: value})):
            return say(f"{kind}:{name}", f"{name}")
    return None


def eps_left_out(e: Update) -> Cause | None:
    """Ask for no eps."""
    without = e.if_(options={**e.case.options, "eps": 0.0})
    return say("ignores_option:eps", "eps") if e.tells_apart(without) else None


def other_eps(e: Update) -> Cause | None:
    """Ask for another eps: the one that the first step, which is lr * g / (|g| + eps), shows."""
    if e.step != 1 or e.grad is None or e.case.options.get("weight_decay"):
        return None
    lr = e.case.options.get("lr", LAYERS[e.layer].options["lr"])
    shown = float(np.median(lr * np.abs(e.grad / e.yours) - np.abs(e.grad)))
    if shown > 0 and e.tells_apart(e.if_(options={**e.case.options, "eps": shown})):
        return say("misuses_option:eps", "eps")
    return None


def clipped(e: Update) -> Cause | None:
    """Ask for gradients that are cut off."""
    for limit in (0.5, 1.0, 5.0, 10.0):
        cut = {k: np.clip(v, -limit, limit) for k, v in e.case.inputs.items() if "." in k}
        if e.tells_apart(e.if_(inputs=cut)):
            return say("saturates", "the gradient", "of the gradient above")
    return None


def eps_elsewhere(e: Update) -> Cause | None:
    """Ask for eps added to the norm after the maximum, not before."""
    settings = {**LAYERS[e.layer].options, **e.case.options}
    beta1, beta2 = settings["betas"]
    if settings["weight_decay"] or settings["maximize"]:
        return None
    m = u = np.zeros_like(e.expected)
    for t in range(1, e.step + 1):
        if (g := e.case.inputs.get(f"{e.name}.grad{t}")) is None:
            return None
        m, u = beta1 * m + (1 - beta1) * g, np.maximum(beta2 * u, np.abs(g))
    move = -settings["lr"] / (1 - beta1**e.step) * m / (u + settings["eps"])
    return say("misuses_option:eps", "eps") if e.tells_apart(move) else None


def sign(e: Update) -> Cause | None:
    """Recognise a step that goes the other way."""
    return say("sign", "every step", ": the loss grows") if e.is_(-e.expected) else None


def only_negative(e: Update) -> Cause | None:
    """Recognise what is wrong just where the gradient is negative."""
    with np.errstate(all="ignore"):
        wrong = ~near(e.yours, e.expected)
    mixed = e.grad is not None and 0 < wrong.sum() < wrong.size
    maximized = -1 if e.case.options.get("maximize") else 1
    there = mixed and np.array_equal(wrong, maximized * e.grad < 0)
    return say("only_negative", "", "the gradient") if there else None


def not_finite(e: Update) -> Cause | None:
    """Recognise NaN or infinity where PyTorch has numbers."""
    bad = ~np.isfinite(e.yours) & np.isfinite(e.expected)
    return say("not_finite", f"step {e.step}") if bad.any() else None


def scaled(e: Update) -> Cause | None:
    """Recognise one factor everywhere."""
    factor = ratio(e.yours, e.expected)
    return None if factor is None else say("scaled", "every coordinate", f"{factor:.4g}")


def lagging(e: Update) -> Cause | None:
    """Recognise a first step that moves nothing."""
    return say("lagging", "step 1") if e.step == 1 and not e.yours.any() else None


def stateless(e: Update) -> Cause | None:
    """Ask for a later step as if it were the first, but for a factor."""
    if e.step < 2 or e.grad is None:
        return None
    inputs = {e.name: e.case.inputs[e.name], f"{e.name}.grad1": e.grad}
    plain = {k: v for k, v in e.case.options.items() if k != "weight_decay"}
    first = oracle.answer(e.layer, replace(e.case, inputs=inputs, options=plain, steps=1))
    move = first[f"{e.name}.step1"] - e.case.inputs[e.name]
    alike = e.is_(move) or ratio(e.yours, move) is not None
    return (
        say("stateless", f"step {e.step}")
        if alike and not e.case.options.get("weight_decay")
        else None
    )


def inexact(e: Update) -> Cause | None:
    """Recognise what is off by a little: eps at another place."""
    gap = np.abs(e.yours - e.expected)
    small = np.all(gap <= 1e-4 * np.abs(e.expected)) and e.expected.dtype == np.float64
    return say("inexact", "all digits but the first") if small else None


OF_OPTIONS = (
    lagging,
    only_negative,
    not_finite,
    sign,
    option_left_out,
    other_option,
    eps_elsewhere,
    other_eps,
    clipped,
)
OF_NUMBERS = (inexact, stateless, scaled)


def several_parameters(
    layer: str, failures: Sequence[Failure], passed: Sequence[Case]
) -> Cause | None:
    """Recognise what is wrong only where there are several parameters."""
    alone = [_count(case) == 1 for case in passed]
    if all(_count(f.case) > 1 for f in failures) and any(alone):
        return say("shared_state", "several parameters")
    return None


def _count(case: Case) -> int:
    return sum("." not in name for name in case.inputs)

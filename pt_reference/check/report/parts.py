"""A layer in parts: its output, each gradient, and how it behaves. Each is passed or failed alone.

JUnit and pytest have one test for each part. Gradescope has its points: ten a layer, and of a
part's points the share of the cases in which it is right.
"""

from dataclasses import dataclass

from pt_reference.check.contract import GRADIENTS, LAYERS
from pt_reference.check.results import (
    CRASHED,
    ERROR,
    NOT_ATTEMPTED,
    TIMED_OUT,
    Finding,
    LayerReport,
)

PASSED, FAILED, SKIPPED, NOT_REACHED = "passed", "failed", "skipped", "not reached"
BEHAVIOUR = ("determinism", "side effects", "refusal")


@dataclass(frozen=True)
class Part:
    """What is to be said of a part."""

    name: str  # "output", "grad_weight", ..., "update", "determinism", "side effects", "refusal"
    status: str
    errors: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    right: int  # cases
    cases: int
    points: float
    earned: float


def part_names(layer: str) -> list[str]:
    """Return the parts of a layer.

    >>> part_names("Linear")
    ['output', 'grad_input', 'grad_weight', 'grad_bias', 'determinism', 'side effects']
    """
    return list(_points(layer))


def parts(layer: LayerReport) -> list[Part]:
    """Return a layer's parts, with what was found in each."""
    found = [_part(layer, name, points) for name, points in _points(layer.name).items()]
    ended = layer.verdict in (CRASHED, TIMED_OUT)
    unsteady = any(p.name == "determinism" and p.errors for p in found)
    main = found[0].right / max(found[0].cases, 1)  # who computes nothing changes nothing, either
    return [_credited(p, 0.0 if ended or unsteady else main) for p in found]


def _points(layer: str) -> dict[str, float]:
    if LAYERS[layer].is_optimizer:
        return {"update": 9.0, "side effects": 1.0}
    gradients = [GRADIENTS[name] for name in LAYERS[layer].differentiable]
    refuses = layer == "NLLLoss"  # targets that are no class
    points = {"output": 3.0 if refuses else 4.0}
    points |= dict(zip(gradients, (1.5, 1.5, 1.0) if len(gradients) > 1 else (4.0,), strict=True))
    points |= {"determinism": 1.0, "side effects": 1.0}
    return points | ({"refusal": 1.0} if refuses else {})


def _part(layer: LayerReport, name: str, points: float) -> Part:
    mine = [f for f in layer.findings if part_of(f) == name]
    errors = tuple(f for f in mine if f.severity == ERROR)
    notes = tuple(f for f in mine if f.severity != ERROR)
    wrong = {case for f in errors for case in f.cases}
    cases = wrong | set(layer.ran.get(name, ()))
    if layer.verdict == NOT_ATTEMPTED:
        status = SKIPPED
    elif errors:
        status = FAILED
    elif layer.verdict in (CRASHED, TIMED_OUT):
        status = NOT_REACHED
    elif not cases:
        others = any(f.severity == ERROR for f in layer.findings)
        status = NOT_REACHED if others else SKIPPED
    else:
        status = PASSED
    return Part(name, status, errors, notes, len(cases - wrong), len(cases), points, 0.0)


def _credited(part: Part, main: float) -> Part:
    share = part.right / part.cases if part.cases else 0.0
    if part.name in BEHAVIOUR or main == 0.0:  # or the layer ended, or is never the same
        share = min(share, main)
    earned = round(part.points * share, 2)
    return Part(**{**vars(part), "points": round(part.points, 2), "earned": earned})


def part_of(finding: Finding) -> str:
    """Return the part that a finding belongs to; "" for what ends the whole process."""
    if finding.check == "forward":
        return "output"
    if finding.check == "backward":
        return finding.failure.where
    return {"optimizer": "update", "import": ""}.get(finding.check, finding.check)

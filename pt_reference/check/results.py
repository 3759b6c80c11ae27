"""What a check found: of a file, of a layer, of one mistake. The reports print these."""

from dataclasses import dataclass, field

import numpy as np

from pt_reference.check.cases import Case

PASS, FAIL, CRASHED, TIMED_OUT = "pass", "fail", "crashed", "timed out"
NOT_ATTEMPTED = "not attempted"
ERROR, NOTE = "error", "note"


@dataclass(frozen=True, eq=False)
class Failure:
    """One disagreement in one case."""

    case: Case
    check: str  # "forward", "backward", "optimizer", "side effects", "determinism", "refusal"
    where: str  # "output", "grad_weight", "param0.step3", "x", ...
    problem: str  # "values", "shape", "dtype", "raises", ...: the cause where nothing tells more
    yours: np.ndarray | None = None
    expected: np.ndarray | None = None
    fits: bool | None = None  # whether the backward is the derivative of the student's own forward
    text: str = ""  # in words, where arrays do not say it
    convention: str = ""  # the answer is valid too, by another convention: which one
    step: int = 0  # of an optimizer


@dataclass(frozen=True)
class Cause:
    """What a mistake looks like: a stable id, and hints that say more and more."""

    id: str
    axis: str = ""  # where it disagrees
    cause: str = ""  # what it looks like
    line: str = ""  # what to change


@dataclass(frozen=True, eq=False)
class Finding:
    """One mistake, on the smallest example that shows it."""

    failure: Failure  # that example
    cause: Cause
    severity: str  # ERROR or NOTE
    cases: tuple[str, ...]  # all that show it
    index: tuple[int, ...] | None = None  # of the worst element
    max_abs_error: float | None = None

    @property
    def check(self) -> str:
        """Which check found it."""
        return self.failure.check

    @property
    def where(self) -> str:
        """Which quantity is wrong, and when."""
        step = self.failure.step
        return f"{self.failure.where} at step {step}" if step else self.failure.where


@dataclass
class LayerReport:
    """What is to be said of a layer."""

    name: str
    verdict: str = NOT_ATTEMPTED
    style: str = ""
    ran: dict[str, list[str]] = field(default_factory=dict)  # of each check, the cases: see count
    skipped: dict[str, int] = field(default_factory=dict)  # why: how many
    findings: list[Finding] = field(default_factory=list)
    text: str = ""  # why it crashed or timed out
    torch_calls: tuple[str, ...] = ()  # names of PyTorch's that it calls
    seconds: float = 0.0

    @property
    def checks(self) -> int:
        """How many comparisons were made."""
        return sum(len(cases) for cases in self.ran.values())

    def count(self, check: str, case: str) -> None:
        """Count a comparison: of "output", "grad_input", ..., "update", or "side effects", ..."""
        self.ran.setdefault(check, []).append(case)


@dataclass
class FileReport:
    """What is to be said of a file."""

    path: str
    seed: int
    layers: dict[str, LayerReport]
    problem: str = ""  # one line: it does not parse, is not Python, defines nothing known
    uses_pytorch: tuple[str, ...] = ()  # the names called
    tried: tuple[str, ...] = ()  # what it tried to do and was refused
    printed_lines: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing that was attempted is wrong."""
        return not self.problem and all(
            layer.verdict in (PASS, NOT_ATTEMPTED) for layer in self.layers.values()
        )

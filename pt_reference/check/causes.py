"""From the failing arrays and the pattern of failing cases to the mistake they look like."""

from collections.abc import Sequence

from pt_reference.check.results import Cause, Failure


def diagnose(layer: str, failures: Sequence[Failure], passed: Sequence[str] = ()) -> Cause:
    """Return what the failures of one quantity look like; ``passed`` are the cases where it fits."""
    first = failures[0]
    if first.convention:
        return Cause(f"convention:{first.convention}")
    return Cause(first.problem, first.text)

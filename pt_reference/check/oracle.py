"""What PyTorch makes of a case: output, gradients, updates. Asked once, known for all files."""

import warnings
from functools import lru_cache
from threading import RLock

import numpy as np

from pt_reference.check.cases import Case, cases

Arrays = dict[str, np.ndarray]

_lock = RLock()  # the next file may be another thread's


def get_ready() -> None:
    """Import PyTorch, while something else has to be waited for anyway."""
    with _lock:
        import pt_reference.check.pytorch  # noqa: F401


def answers(layer: str, seed: int) -> list[tuple[Case, Arrays]]:
    """Return the cases of a layer, each with PyTorch's answer; kept for the next file."""
    with _lock:
        return _answers(layer, seed)


@lru_cache(maxsize=64)
def _answers(layer: str, seed: int) -> list[tuple[Case, Arrays]]:
    return [(case, answer(layer, case)) for case in cases(layer, seed)]


def answer(layer: str, case: Case) -> Arrays:
    """Return PyTorch's output and gradients, or parameters after each step; {} where it refuses."""
    from pt_reference.check import pytorch

    try:
        with _lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pytorch.steps(case) if layer == "Adamax" else pytorch.one_pass(layer, case)
    except (RuntimeError, ValueError, IndexError):
        return {}

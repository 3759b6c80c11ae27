"""Where a tensor lives: minigrad knows the CPU alone."""

from __future__ import annotations


class device:  # noqa: N801  PyTorch's name
    """``device("cpu")``; any other type raises RuntimeError.

    >>> device("cpu")
    device(type='cpu')
    """

    type = "cpu"
    index = None

    def __init__(self, type: str | device) -> None:
        if str(type) not in ("cpu", "cpu:0"):
            raise RuntimeError(f"minigrad computes in NumPy, on the CPU: no device {str(type)!r}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device)

    def __hash__(self) -> int:
        return hash("cpu")

    def __str__(self) -> str:
        return "cpu"

    def __repr__(self) -> str:
        return "device(type='cpu')"


cpu = device("cpu")

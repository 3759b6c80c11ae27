"""Whether operations are being recorded: no_grad, enable_grad, set_grad_enabled."""

from __future__ import annotations

import threading
from contextlib import ContextDecorator
from typing import Any


class _GradMode(threading.local):
    enabled = True


grad_mode = _GradMode()


def is_grad_enabled() -> bool:
    """Return True where operations are recorded for backward."""
    return grad_mode.enabled


class _SwitchGradMode(ContextDecorator):
    mode: bool

    def __new__(cls, orig_func: Any = None) -> Any:
        # ``@no_grad`` without brackets decorates too.
        return cls()(orig_func) if callable(orig_func) else super().__new__(cls)

    def __init__(self) -> None:
        self._outer: list[bool] = []  # a stack: the same object may be entered twice

    def __enter__(self) -> None:
        self._outer.append(grad_mode.enabled)
        grad_mode.enabled = self.mode

    def __exit__(self, *exception: object) -> None:
        grad_mode.enabled = self._outer.pop()


class no_grad(_SwitchGradMode):  # noqa: N801  PyTorch's name
    """Do not record operations, in a ``with`` block or a function decorated with ``@no_grad()``.

    >>> import minigrad
    >>> w = minigrad.ones(2, requires_grad=True)
    >>> with no_grad():
    ...     (w * 2).requires_grad
    False
    """

    mode = False


class enable_grad(_SwitchGradMode):  # noqa: N801  PyTorch's name
    """Record operations again, inside a ``no_grad`` block.

    >>> with no_grad(), enable_grad():
    ...     is_grad_enabled()
    True
    """

    mode = True


class set_grad_enabled(_SwitchGradMode):  # noqa: N801  PyTorch's name
    """Record operations or not: from this statement on, or in a ``with`` block alone.

    >>> with set_grad_enabled(False):
    ...     is_grad_enabled()
    False
    """

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self.mode = mode
        self._before = grad_mode.enabled
        grad_mode.enabled = mode  # at once: `set_grad_enabled(False)` alone is a statement

    def __enter__(self) -> None:
        self._outer.append(self._before)
        grad_mode.enabled = self.mode

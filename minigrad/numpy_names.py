"""NumPy's names of two arguments, which PyTorch understands as well."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def numpy_names(function: Callable[P, R]) -> Callable[P, R]:
    """Let ``axis`` and ``keepdims`` stand for ``dim`` and ``keepdim``.

    >>> import minigrad
    >>> minigrad.ones(2, 3).sum(axis=1, keepdims=True).shape
    torch.Size([2, 1])
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if "axis" in kwargs:
            kwargs["dim"] = kwargs.pop("axis")
        if "keepdims" in kwargs:
            kwargs["keepdim"] = kwargs.pop("keepdims")
        return function(*args, **kwargs)

    return call

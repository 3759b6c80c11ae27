"""A tensor that a module owns and an optimizer changes."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.tensor import Tensor


class Parameter(Tensor):
    """A leaf tensor with ``requires_grad=True``; as a module's attribute it is registered there.

    >>> import minigrad
    >>> Parameter(minigrad.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        if data is None:
            self._array = np.empty(0, dtypes.get_default_dtype().numpy)
        else:
            self._array = data._array.view()  # on the memory of data, as in PyTorch
        self._versions = [0]
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

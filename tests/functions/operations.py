"""The differentiable operations: one record each, from which all tests of gradients come."""

from .records import (  # noqa: F401  each enters its operations
    activations,
    conv2d,
    elementwise,
    indexing,
    losses,
    normalization,
    pad,
    pooling,
    products,
    reductions,
    shapes,
)
from .records.record import OPERATIONS, Operation, Wrong

__all__ = ["OPERATIONS", "Operation", "Wrong"]

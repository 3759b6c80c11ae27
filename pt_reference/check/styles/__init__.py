"""The styles in which a layer can be written, behind one face: see style.py."""

from pt_reference.check.styles.of_arrays import (
    FunctionPair,
    PlainClass,
    PlainOptimizer,
    StepFunction,
)
from pt_reference.check.styles.of_tensors import (
    FunctionClass,
    ModuleClass,
    TensorOptimizer,
    TensorStyle,
)
from pt_reference.check.styles.style import Style

__all__ = [
    "FunctionClass",
    "FunctionPair",
    "ModuleClass",
    "PlainClass",
    "PlainOptimizer",
    "StepFunction",
    "Style",
    "TensorOptimizer",
    "TensorStyle",
]

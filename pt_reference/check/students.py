"""What a student's file defines, and in which style."""

import inspect
import sys
import types
from typing import Any

from pt_reference.check.contract import Layer
from pt_reference.check.styles import (
    FunctionClass,
    FunctionPair,
    ModuleClass,
    PlainClass,
    PlainOptimizer,
    StepFunction,
    Style,
    TensorOptimizer,
)

_LIBRARIES = ("torch", "minigrad", "numpy", "builtins")


def find(module: types.ModuleType, layer: Layer) -> Style | None:
    """Return the style in which a module defines a layer, None if it does not."""
    cls = getattr(module, layer.name, None)
    if inspect.isclass(cls) and _is_the_students(cls):
        return _of_class(layer, cls)
    if layer.is_optimizer:
        step = getattr(module, f"{layer.stem}_step", None)
        return StepFunction(layer, step) if _is_function(step) else None
    forward, backward = (
        getattr(module, f"{layer.stem}_{d}", None) for d in ("forward", "backward")
    )
    return FunctionPair(layer, forward, backward) if _is_function(forward) else None


def _of_class(layer: Layer, cls: Any) -> Style:
    for name in ("torch", "minigrad"):
        if name not in sys.modules:
            continue  # the file does not know it
        framework = sys.modules[name]
        if issubclass(cls, framework.autograd.Function):
            return FunctionClass(layer, cls, framework)
        if f"{name}.nn" in sys.modules and issubclass(cls, framework.nn.Module):
            return ModuleClass(layer, cls, framework)
        if f"{name}.optim" in sys.modules and issubclass(cls, framework.optim.Optimizer):
            return TensorOptimizer(layer, cls, framework)
    return PlainOptimizer(layer, cls) if layer.is_optimizer else PlainClass(layer, cls)


def _is_function(thing: Any) -> bool:
    return callable(thing) and _is_the_students(thing)


def _is_the_students(thing: Any) -> bool:
    """Return whether something was written in the file or beside it: no library's."""
    return (getattr(thing, "__module__", "") or "").split(".")[0] not in _LIBRARIES


def library_class(style: Style) -> str:
    """Return the library's layer that a student's class is derived from, "" if there is none."""
    for base in getattr(getattr(style, "cls", None), "__mro__", ())[1:]:
        if base.__name__ == style.layer.name and not _is_the_students(base):
            return f"{base.__module__}.{base.__name__}"
    return ""

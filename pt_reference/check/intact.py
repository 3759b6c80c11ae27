"""What a student's file puts in place of the libraries' own is named, and taken out again.

The checker's side in the process would go wrong by it, and so would the layers that follow.
"""

import builtins
import sys

import numpy as np


class Intact:
    """What NumPy and the built-in functions were when this was made."""

    def __init__(self) -> None:
        self.modules = {
            name: module
            for name, module in sys.modules.items()
            if name.split(".")[0] in ("builtins", "sys", "os", "json", "numpy", "pt_reference")
        }
        self.before = [(module, dict(vars(module))) for module in (builtins, np, np.linalg)]

    def restore(self) -> list[str]:
        """Put back what has been changed; return the names."""
        changed = []
        for module, before in self.before:
            now = vars(module)
            for name, thing in before.items():
                if now.get(name, now) is not thing:
                    setattr(module, name, thing)
                    changed.append(f"replace {module.__name__}.{name}")
        for name, module in self.modules.items():
            if sys.modules.get(name) is not module:
                sys.modules[name] = module
                changed.append(f"replace the module {name}")
        return changed

"""What a network decides: which pixel of a window is the largest, which unit is on.

Between decisions such a network is smooth, and two frameworks that round differently stay as close
as their rounding. Where rounding turns a decision, the gradient takes another way.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pt_reference.weights import arrays

AXES = ("sample", "channel", "row", "column")


@dataclass(frozen=True)
class Decision:
    """A choice of the larger of several values, that two networks made differently."""

    layer: str
    kind: str
    index: tuple[int, ...]  # in the layer's output
    choices: tuple[str, str]
    values: tuple[tuple[Any, Any], tuple[Any, Any]]  # in each: of its choice, of the other's
    margin: float  # the larger of the two gaps, relative to the layer's largest value

    def text(self, names: tuple[str, str]) -> str:
        """Say what was decided."""
        axes = AXES if len(self.index) == 4 else ("sample", "unit")
        where = ", ".join(f"{axis} {i}" for axis, i in zip(axes, self.index, strict=False))
        made = "; ".join(
            f"in {name} {choice}, {a!s} against {b!s}"
            for name, choice, (a, b) in zip(names, self.choices, self.values, strict=True)
        )
        return f"{self.layer} ({self.kind}) decides differently at {where}: {made}"


class Watch:
    """Hooks that keep what the deciding layers of a model were given, while the context lasts."""

    def __init__(self, model: Any) -> None:
        self.seen: list[tuple[str, Any, np.ndarray]] = []  # in the order of the forward pass
        self._handles = [
            layer.register_forward_pre_hook(
                lambda layer, args, name=name: self.seen.append((name, layer, arrays(args[0])))
            )
            for name, layer in model.named_modules()
            if type(layer).__name__ in ("ReLU", "MaxPool2d")
        ]

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()


def first_difference(ours: Watch, theirs: Watch) -> Decision | None:
    """Return the first decision, in the order of layers, that the two made differently."""
    for (name, layer, x), (_, _, x2) in zip(ours.seen, theirs.seen, strict=True):
        options = _options(layer, x), _options(layer, x2)
        chosen = options[0].argmax(-1), options[1].argmax(-1)
        turned = np.argwhere(chosen[0] != chosen[1])
        if len(turned):
            index = tuple(turned[0].tolist())
            a, b = chosen[0][index], chosen[1][index]
            values = (
                (options[0][index][a], options[0][index][b]),
                (options[1][index][b], options[1][index][a]),
            )
            margin = max(abs(p - q) for p, q in values) / max(abs(x).max(), abs(x2).max())
            choices = _called(layer, index, int(a)), _called(layer, index, int(b))
            return Decision(name, type(layer).__name__, index, choices, values, float(margin))
    return None


def _options(layer: Any, x: np.ndarray) -> np.ndarray:
    """Return what each output is the largest of, (..., K); of equals the first is chosen.

    A ReLU has K = 2, zero and x; a max-pool the pixels of its window, row by row.
    """
    if type(layer).__name__ == "ReLU":
        return np.stack([np.zeros_like(x), x], axis=-1)
    kernel, (down, right) = _pair(layer.kernel_size), _pair(layer.stride)
    windows = sliding_window_view(x, kernel, axis=(-2, -1))[..., ::down, ::right, :, :]
    return windows.reshape(*windows.shape[:-2], -1)


def _called(layer: Any, index: tuple[int, ...], option: int) -> str:
    """Name an option as a reader would."""
    if type(layer).__name__ == "ReLU":
        return ("the unit is off", "the unit is on")[option]
    (down, right), width = _pair(layer.stride), _pair(layer.kernel_size)[1]
    row, column = index[-2] * down + option // width, index[-1] * right + option % width
    return f"pixel ({row}, {column}) wins"


def _pair(size: Any) -> tuple[int, int]:
    return size if isinstance(size, tuple) else (size, size)

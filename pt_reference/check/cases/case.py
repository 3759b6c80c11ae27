"""A case, and where the cases of each layer come from."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pt_reference.check.contract import LAYERS

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Case:
    """One thing to try."""

    name: str
    inputs: Arrays  # x, weight, bias, target; for an optimizer param0, param0.grad1, ...
    options: dict[str, Any] = field(default_factory=dict)  # those that are passed
    needs: tuple[str, ...] = ()  # options that are not passed, but tried
    layout: str = "C"  # in memory; "F", "sliced"
    beyond: bool = False  # more than the contract asks: to refuse it is a note
    invalid: bool = False  # PyTorch refuses it, and the file must
    convention: str = ""  # where another answer may be valid too: "ties", "kink", "nan", ...
    other_call: str = ""  # with other numbers: "before" this one, or "between" forward and backward
    forward_only: bool = False
    repeat: int = 0  # how often it is run again, to see whether anything changes
    steps: int = 0  # of an optimizer
    same_arrays: bool = False  # gradients arrive in the same arrays at each step
    seed: tuple[int, ...] = ()  # of the upstream gradient
    grad_output: np.ndarray | None = None  # where it is not drawn

    @property
    def dtype(self) -> np.dtype:
        """The type of the numbers."""
        return next((array.dtype for array in self.inputs.values()), np.dtype(float))

    @property
    def size(self) -> int:
        """How many numbers a reader has to look at."""
        return sum(array.size for array in self.inputs.values())

    def upstream(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return a random upstream gradient: never ones, which would hide mistakes."""
        if self.grad_output is not None:
            return self.grad_output
        numbers = np.random.default_rng(self.seed).normal(size=shape)
        return np.asarray(numbers + np.copysign(0.1, numbers)).astype(self.dtype)

    def single(self) -> "Case":
        """Return the case in float32."""
        inputs = {
            k: v.astype(np.float32) if v.dtype == np.float64 else v for k, v in self.inputs.items()
        }
        options = {
            k: v.astype(np.float32) if isinstance(v, np.ndarray) else v
            for k, v in self.options.items()
        }
        return replace(self, inputs=inputs, options=options)


def cases(layer: str, seed: int) -> list[Case]:
    """Return the cases of a layer, the most fundamental first."""
    from pt_reference.check.cases import dense, images, optimizer
    from pt_reference.check.cases.draw import Draw

    generators = {
        "Linear": dense.linear,
        "Conv2d": images.conv2d,
        "MaxPool2d": images.max_pool2d,
        "ReLU": dense.relu,
        "LogSoftmax": dense.log_softmax,
        "NLLLoss": dense.nll_loss,
        "Adamax": optimizer.adamax,
    }
    number = list(LAYERS).index(layer)
    drawn = generators[layer](Draw(np.random.default_rng((seed, number)), first=seed == 0))
    return [replace(case, seed=(seed, number, i)) for i, case in enumerate(drawn)]

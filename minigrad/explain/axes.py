"""What the axes of an array count: images, channels, rows, columns, features, classes."""

from __future__ import annotations

from minigrad.explain.parts import Step, Value

# Of arguments, and of the output under "": batches first, as in PyTorch's documentation.
_AXES = {
    "Conv2d": {"x": "N C H W", "weight": "out in KH KW", "bias": "out", "": "N C H W"},
    "MaxPool2d": {"x": "N C H W", "": "N C H W"},
    "SumPool2d": {"x": "N C H W", "": "N C H W"},
    "Linear": {"x": "N features", "weight": "out in", "bias": "out", "": "N features"},
    "Softmax": {"x": "N classes", "": "N classes"},
    "LogSoftmax": {"x": "N classes", "": "N classes"},
    "NLLLoss": {"x": "N classes", "target": "N", "weight": "classes", "": "N"},
}
_OF_CLASSES = ("LogSoftmax", "NLLLoss", "Softmax")  # these know better than what feeds them


def name_axes(steps: list[Step]) -> None:
    """Name the axes of all values: as the operations say that made or used them.

    What has its input's shape has its axes. Where nobody knows, they are d0, d1, ...
    """
    for step in sorted(steps, key=lambda step: step.op not in _OF_CLASSES):
        names = _AXES.get(step.op, {})
        for argument, value in step.inputs.items():
            _give(value, names.get(argument, ""))
        for value in step.outputs:
            _give(value, names.get("", ""))
    for step in steps:
        first = next(iter(step.inputs.values()))
        for value in step.outputs:
            if value.shape == first.shape and step.op not in _AXES:
                value.axes = value.axes or first.axes
        for value in (*step.inputs.values(), *step.outputs):
            value.axes = value.axes or tuple([f"d{axis}" for axis in range(len(value.shape))])


def _give(value: Value, names: str) -> None:
    axes = tuple(names.split())
    if not value.axes and len(axes) == len(value.shape):
        value.axes = axes

"""Layers to fill in: what `minigrad check --template LAYER` prints. One file a layer."""

from pathlib import Path

from pt_reference.check.contract import LAYERS


def template(layer: str) -> str:
    """Return the skeleton of a layer.

    >>> print(template("ReLU").splitlines()[0])
    \"\"\"ReLU: y = x where x > 0, and 0 elsewhere. A file to fill in.
    """
    name = f"{LAYERS[layer].stem}.py"
    return Path(__file__).with_name(name).read_text(encoding="utf-8")

"""Where in a network the first number is that is not finite."""

from typing import Any

from experiments.backend import Backend


def first_not_finite(model: Any, x: Any, backend: Backend) -> str:
    """Say where a network whose loss is not finite has the first such number, given its batch x.

    Weights are spoiled by a step whose gradient was not finite. Backward goes from the loss to the
    images, so of several spoiled layers the one nearest the loss was the first.
    """

    def finite(tensor: Any) -> bool:
        return bool(backend.framework.isfinite(tensor).all())

    layers = {name: m for name, m in model.named_modules() if not list(m.children())}
    spoiled = [
        f"{where(name, layer)}: its {parameter}, after a gradient that was not finite"
        for name, layer in layers.items()
        for parameter, values in layer.named_parameters()
        if not finite(values)
    ]
    if spoiled:
        return f"the first layer with a value that is not finite is {spoiled[-1]}"
    if not finite(x):
        return "the images have values that are not finite"

    order = list(layers.items())
    found = []  # places in this order

    def look(layer: Any, _: Any, output: Any) -> None:
        if not finite(output):
            found.append(next(place for place, (_, one) in enumerate(order) if one is layer))

    hooks = [layer.register_forward_hook(look) for layer in layers.values()]
    with backend.no_grad(), backend.autocast():
        model.classnet(x)
    for hook in hooks:
        hook.remove()
    # Of several processes, each has looked at its own rows of the batch.
    first = -backend.processes.largest(-min(found, default=len(order)))
    if first < len(order):
        layer = where(*order[first])
        return f"the first layer with a value that is not finite is {layer}: its output"
    return "each layer's values are finite, the loss computed from them is not"


def where(name: str, layer: Any) -> str:
    """Return a layer as it is found in its network: `classnet.2 (Linear)`."""
    return f"{name} ({type(layer).__name__})"

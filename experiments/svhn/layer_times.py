"""What each layer of a network holds, and how long it takes."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch

from experiments.run_report.findings import LayerRow


def layer_rows(classnet: torch.nn.Sequential, x: Any, repeat: int = 5) -> list[LayerRow]:
    """Send a batch x (B, 3, 32, 32) through one layer after the other, forwards and backwards.

    Times are medians in milliseconds. The first layer's backward has no gradient of x to compute,
    as in training. Batch norm and dropout work as in training, and are left as they were.
    """
    state = {name: tensor.clone() for name, tensor in classnet.state_dict().items()}
    was_training = classnet.training
    classnet.train()
    rows = []
    for name, layer in classnet.named_children():
        needs_grad = bool(rows)
        forward, backward = [], []
        for _ in range(repeat):
            seen = x.detach().requires_grad_(needs_grad)
            y, seconds = timed(lambda layer=layer, seen=seen: layer(seen), x.device)
            forward.append(seconds)
            if y.requires_grad:
                grad = torch.ones_like(y)
                _, seconds = timed(lambda y=y, grad=grad: y.backward(grad), x.device)
                backward.append(seconds)
        rows.append(
            LayerRow(
                name=name,
                kind=type(layer).__name__,
                output_shape=tuple(y.shape[1:]),
                parameters=sum(p.numel() for p in layer.parameters()),
                forward_ms=1e3 * median(forward),
                backward_ms=1e3 * median(backward) if backward else 0.0,
            )
        )
        x = y
    classnet.zero_grad()
    classnet.load_state_dict(state)
    classnet.train(was_training)
    return rows


def timed(work: Callable[[], Any], device: Any) -> tuple[Any, float]:
    """Do the work; return what it gave and its seconds, a GPU's last calculation included."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)
    start = time.perf_counter()
    result = work()
    if device.type != "cpu":
        torch.accelerator.synchronize(device)
    return result, time.perf_counter() - start

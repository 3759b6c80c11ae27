"""Images channels-last in memory, on the way back as well."""

from typing import Any

import torch
from torch import nn


def channels_last_gradients(model: nn.Module) -> None:
    """Let the gradient that comes out of each Flatten lie in memory as the images before it do.

    A gradient of rows becomes one of images channels-first, and the pooling and the convolution
    before would each turn it around for themselves. The numbers stay the same.

    >>> model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(16, 2))
    >>> channels_last_gradients(model)
    >>> model(torch.ones(1, 3, 4, 4).to(memory_format=torch.channels_last)).sum().backward()
    """
    for layer in model.modules():
        if isinstance(layer, nn.Flatten):
            layer.register_forward_pre_hook(_turn_gradient)


def _turn_gradient(_: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
    (x,) = inputs  # (B, C, H, W)
    if x.requires_grad:
        x.register_hook(_channels_last)


def _channels_last(gradient: Any) -> Any:
    return gradient.contiguous(memory_format=torch.channels_last)

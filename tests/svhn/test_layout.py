"""Gradients that stay channels-last are the same numbers, and are laid out as they should."""

import torch
from torch import nn

from experiments.svhn.layout import channels_last_gradients


def test_the_gradient_is_the_same_and_channels_last():
    torch.manual_seed(0)
    x, seen, weights = torch.randn(2, 3, 8, 8), [], []
    for turn in (False, True):
        torch.manual_seed(1)
        model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5))
        model.to(memory_format=torch.channels_last)
        if turn:
            channels_last_gradients(model)
        pooled = model[1](model[0](x.contiguous(memory_format=torch.channels_last)))
        flat = model[2](pooled)
        pooled.register_hook(seen.append)  # comes after the hook that turns it
        (model[3](flat) * torch.arange(10.0).view(2, 5)).sum().backward()
        weights.append(model[0].weight.grad)
    assert [g.is_contiguous(memory_format=torch.channels_last) for g in seen] == [False, True]
    torch.testing.assert_close(seen[0], seen[1], rtol=0, atol=0)
    torch.testing.assert_close(weights[0], weights[1])


def test_without_gradients_nothing_is_asked_for():
    model = nn.Sequential(nn.Flatten())
    channels_last_gradients(model)
    assert model(torch.ones(2, 3, 4, 4)).shape == (2, 48)

"""PyTorch's compiler over the whole step: it needs a C++ compiler, and the first time a minute."""

import logging
from typing import Any

import numpy as np

from experiments.benchmarks.peers import Trainer
from pt_reference import networks


def trainer(model: str, weights: list[np.ndarray], lr: float, weight_decay: float) -> Trainer:
    """Return the training of a network on Digits, its step compiled for each size of batch."""
    import torch

    torch._logging.set_logs(all=logging.ERROR)  # it tells of what it leaves out

    net = networks.classifier(getattr(networks, model)())
    with torch.no_grad():
        for parameter, array in zip(net.parameters(), weights, strict=True):
            parameter.copy_(torch.from_numpy(array))
    optimizer = torch.optim.Adamax(net.parameters(), lr=lr, weight_decay=weight_decay)

    @torch.compile(dynamic=False)
    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = net(x, y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return Trainer(lambda x, y: (torch.from_numpy(x), torch.from_numpy(y)), step)

"""Dropout of a batch whose rows are in several processes: one process's masks."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn


class JoinedDropout(nn.Dropout):
    """A Dropout of features (b, n) that draws for the joined batch, and takes its own rows.

    All processes draw the same: the random stream is a function of seed, epoch and step.
    """

    def __init__(self, layer: nn.Dropout, processes: Any) -> None:
        super().__init__(layer.p)
        self.processes = processes

    def forward(self, x: Any) -> Any:
        """Drop features of x, b rows of the batch at hand."""
        if not self.training:
            return x
        whole = self.processes.whole(len(x))
        mask = F.dropout(torch.ones((whole, *x.shape[1:]), dtype=x.dtype, device=x.device), self.p)
        return x * mask[self.processes.rows(whole)]

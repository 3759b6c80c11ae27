"""The loss of a joined batch, and its gradient."""

from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


class JoinedLoss:
    """The mean loss over all rows of the batch at hand, wherever they are.

    With B examples in all and K processes, process k has the sum s_k of its rows' losses, and

        loss = (s_1 + ... + s_K) / B.

    DistributedDataParallel gives each process the mean over k of its gradients. So process k
    goes back from K s_k / B, and the mean is the gradient of the loss, however many rows each has.
    """

    def __init__(self, model: nn.Module, processes: Any) -> None:
        self.processes = processes
        self.parallel = DistributedDataParallel(model)

    def __call__(self, x: Any, y: Any) -> Any:
        """Return the loss of labels y, of which here are those of the rows x."""
        part = self.parallel(x, y, reduction="sum") / self.processes.whole(len(y))
        return _Sum.apply(part, self.processes.number)


class _Sum(torch.autograd.Function):
    """The sum over the processes, whose backward is what DistributedDataParallel takes."""

    @staticmethod
    def forward(ctx: Any, part: Any, number: int) -> Any:
        ctx.number = number
        total = part.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return grad_output * ctx.number, None

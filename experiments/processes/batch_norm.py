"""BatchNorm over a batch whose rows are in several processes; PyTorch's own is for GPUs alone."""

from typing import Any

import torch
import torch.distributed as dist
from torch import nn

_ROWS = (0, 2, 3)  # images and their pixels


class JoinedBatchNorm2d(nn.BatchNorm2d):
    """A BatchNorm2d with another's weights, whose statistics are those of the joined batch."""

    def __init__(self, layer: nn.BatchNorm2d, processes: Any) -> None:
        super().__init__(layer.num_features, layer.eps, layer.momentum)
        self.processes = processes
        for name, parameter in layer.named_parameters():
            setattr(self, name, parameter)
        for name, buffer in layer.named_buffers():
            setattr(self, name, buffer)

    def forward(self, x: Any) -> Any:
        """Normalise x (b, C, H, W), b of the B images of the batch at hand."""
        if not self.training:
            return super().forward(x)
        mean, var, count = _statistics(x.detach())
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var * (count / (count - 1)), self.momentum)
        return _Normalise.apply(x, self.weight, self.bias, mean, (var + self.eps).rsqrt(), count)


def _statistics(x: Any) -> tuple[Any, Any, Any]:
    """Return mean and variance (C,) over all images and pixels, and how many pixels that are.

    Of each process the count n, the mean m and the variance v are enough (Chan et al., 1983):

        mean = sum(n m) / sum(n),    var = sum(n (v + (m - mean)^2)) / sum(n).
    """
    x = x.float() if x.dtype == torch.bfloat16 else x  # which is too coarse for sums
    here = x.new_zeros((3, x.shape[1]))
    if len(x):  # otherwise it has neither mean nor variance
        here[0] = x.numel() // x.shape[1]
        here[2], here[1] = torch.var_mean(x, _ROWS, correction=0)
    everywhere = [torch.empty_like(here) for _ in range(dist.get_world_size())]
    dist.all_gather(everywhere, here)
    n, m, v = torch.stack(everywhere, dim=1)  # (K, C) each
    count = n.sum(0)
    mean = (n * m).sum(0) / count
    return mean, (n * (v + (m - mean).square())).sum(0) / count, count


class _Normalise(torch.autograd.Function):
    """(x - mean) scale weight + bias, where mean and scale are functions of all rows.

    With z = (x - mean) scale, g the gradient of the output and n the count of pixels in all,

        grad_x = weight scale (g - sum(g) / n - z sum(g z) / n),

    where both sums are over all processes: each row has its part in everybody's mean. Those of
    bias and weight are over the rows here; DistributedDataParallel adds them up.
    """

    @staticmethod
    def forward(ctx: Any, x: Any, weight: Any, bias: Any, mean: Any, scale: Any, count: Any) -> Any:
        ctx.save_for_backward(x, weight, mean, scale, count)
        factor = weight * scale
        return (x * _as_image(factor) + _as_image(bias - mean * factor)).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> tuple[Any, ...]:
        x, weight, mean, scale, count = ctx.saved_tensors
        z = (x - _as_image(mean)) * _as_image(scale)
        here = torch.stack([grad_output.sum(_ROWS), (grad_output * z).sum(_ROWS)])  # (2, C)
        everywhere = here.clone()
        dist.all_reduce(everywhere)
        of_mean, of_scale = everywhere / count
        grad_x = grad_output - _as_image(of_mean) - z * _as_image(of_scale)
        grad_x = (grad_x * _as_image(weight * scale)).to(x.dtype)
        return grad_x, here[1], here[0], None, None, None


def _as_image(channels: Any) -> Any:
    return channels.view(1, -1, 1, 1)

"""Batch normalisation, as modules that remember the statistics of the batches they saw."""

from __future__ import annotations

from typing import Any

from minigrad.creation import empty, tensor
from minigrad.dtypes import dtype as Dtype
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter
from minigrad.tensor import Tensor

_AT_FIRST = {"running_mean": 0, "running_var": 1, "num_batches_tracked": 0}


class _BatchNorm(Module):
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        kind: dict[str, Any] = {"device": device, "dtype": dtype}
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            self.register_parameter(
                name, Parameter(empty(num_features, **kind)) if wanted else None
            )
        for name in _AT_FIRST:
            self.register_buffer(name, None)
        if track_running_stats:
            self.running_mean, self.running_var = (
                empty(num_features, **kind),
                empty(num_features, **kind),
            )
            self.num_batches_tracked = tensor(0)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget the batches: mean 0, variance 1, none counted."""
        if self.track_running_stats:
            for name, value in _AT_FIRST.items():
                getattr(self, name).fill_(value)

    def reset_parameters(self) -> None:
        """Begin anew: weights 1, biases 0, no batches."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalised input; in training mode, remember its statistics."""
        self._check_input_dim(input)
        use_batch = self.training or (self.running_mean is None and self.running_var is None)
        remember = self.training and self.track_running_stats
        momentum = self.momentum
        if remember and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if momentum is None:  # the mean of all batches, each counting the same
                momentum = 1 / self.num_batches_tracked.item()
        use_running = remember or not self.training
        return F.batch_norm(
            input,
            self.running_mean if use_running else None,
            self.running_var if use_running else None,
            self.weight,
            self.bias,
            use_batch,
            momentum or 0.0,
            self.eps,
        )

    def _check_input_dim(self, input: Tensor) -> None:
        raise NotImplementedError

    def extra_repr(self) -> str:
        """Return the arguments."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Normalises (N, C) or (N, C, L) by channel; see ``minigrad.nn.functional.batch_norm``.

    In training mode by the statistics of the batch, which move ``running_mean`` and ``running_var``
    (C,) by ``momentum`` (None: to the mean over all batches so far); in evaluation mode by those,
    or, with ``track_running_stats=False``, by the batch again. ``weight`` and ``bias`` (C,) begin
    as ones and zeros; ``affine=False`` leaves them out.

    >>> import minigrad
    >>> layer = BatchNorm1d(1)
    >>> layer(minigrad.tensor([[1.0], [3.0]])).detach()
    tensor([[-1.0000],
            [ 1.0000]])
    >>> layer.running_mean, layer.running_var, layer.num_batches_tracked
    (tensor([0.2000]), tensor([1.1000]), tensor(1))
    """

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim not in (2, 3):
            raise ValueError(
                f"expected 2D or 3D input (got {input.ndim}D input): BatchNorm1d takes (N, C) or "
                f"(N, C, L), not {tuple(input.shape)}"
                + (". Did you mean BatchNorm2d?" if input.ndim == 4 else "")
            )


class BatchNorm2d(_BatchNorm):
    """Normalises images (N, C, H, W) by channel, over N, H and W; the rest as ``BatchNorm1d``.

    >>> import minigrad
    >>> BatchNorm2d(16)(minigrad.zeros(8, 16, 4, 4)).shape
    torch.Size([8, 16, 4, 4])
    """

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim != 4:
            raise ValueError(
                f"expected 4D input (got {input.ndim}D input): BatchNorm2d takes (N, C, H, W), not "
                f"{tuple(input.shape)}"
                + (". Did you mean BatchNorm1d?" if input.ndim == 2 else "")
                + (". Did you mean x.unsqueeze(0)?" if input.ndim == 3 else "")
            )

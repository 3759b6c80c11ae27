"""Where minigrad's losses leave PyTorch's: two calls that PyTorch 2.13 does not see through."""

import numpy as np
import pytest
import torch

import minigrad


@pytest.mark.parametrize("share", [-0.1, -1, float("nan")])
def test_a_label_smoothing_that_pytorch_ignores_is_refused(share):
    target = [0, 2]
    x = np.random.default_rng(0).standard_normal((2, 3))
    plain, ignored = [
        torch.nn.functional.cross_entropy(
            torch.tensor(x), torch.tensor(target), label_smoothing=smoothing
        )
        for smoothing in (0.0, share)
    ]
    assert plain == ignored
    with pytest.raises(RuntimeError, match="label_smoothing must be between"):
        minigrad.nn.functional.cross_entropy(
            minigrad.tensor(x), minigrad.tensor(target), label_smoothing=share
        )


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_one_row_with_a_target_of_one_axis(agree, reduction):
    """Its loss is PyTorch's, whose backward then finds a "size mismatch"."""

    def loss(fw, x):
        target = fw.tensor([1])
        return fw.nn.functional.nll_loss(x, target, reduction=reduction)

    agree(lambda fw: loss(fw, fw.tensor([-1.0, -2.0])))
    x = minigrad.tensor([-1.0, -2.0], requires_grad=True)
    loss(minigrad, x).sum().backward()
    assert x.grad.tolist() == [0, -1]

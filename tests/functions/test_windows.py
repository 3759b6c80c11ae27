"""Windows and padding: what no gradient shows, and where PyTorch is no guide."""

import itertools

import numpy as np
import pytest
import torch

import minigrad

from .twins import assert_same

TYPES = ["float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]
NUMBERS = np.arange(-8, 24).reshape(1, 2, 4, 4) % 11 - 4  # of both signs: bytes wrap around
KERNELS = np.arange(36).reshape(4, 1, 3, 3) % 23 * 7
CALLS = {
    "conv2d": lambda f, x, w: f.conv2d(x, w, stride=2, padding=1, groups=2),
    "max_pool2d": lambda f, x, w: f.max_pool2d(x, 2, 1, 1, return_indices=True),
    "avg_pool2d": lambda f, x, w: f.avg_pool2d(x, 2, 1, 1),
    "avg_pool2d, of pixels alone": lambda f, x, w: f.avg_pool2d(x, 3, 2, 1, True, False),
    "adaptive_avg_pool2d": lambda f, x, w: f.adaptive_avg_pool2d(x, 3),
    "adaptive_avg_pool2d to one": lambda f, x, w: f.adaptive_avg_pool2d(x, 1),
    "pad": lambda f, x, w: f.pad(x, (1, 0, -1, 2), value=2.7),
    "reflect": lambda f, x, w: f.pad(x, (1, 2, 0, 1), "reflect"),
    "replicate": lambda f, x, w: f.pad(x, (1, 2, 0, 1), "replicate"),
    "circular": lambda f, x, w: f.pad(x, (1, 2, 0, 1), "circular"),
}


def outcome(fw, call, kind):
    """The results, or the type of the error."""
    x, w = [fw.tensor(n).to(getattr(fw, kind)) for n in (NUMBERS, KERNELS)]
    try:
        result = CALLS[call](fw.nn.functional, x, w)
    except (RuntimeError, NotImplementedError) as error:
        return type(error)
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("call", CALLS)
def test_every_type_of_numbers(call, kind):
    ours, theirs = [outcome(fw, call, kind) for fw in (minigrad, torch)]
    if isinstance(theirs, type):
        assert ours is theirs
    else:
        for a, b in zip(ours, theirs, strict=True):
            assert_same(a, b, np.float32)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_every_small_window_has_as_many_places_as_in_pytorch(name):
    """All that is right, and all that is wrong, for images, windows and strides up to 4."""
    right = 0
    for n, k, s, p, ceil in itertools.product(*[range(1, 5)] * 3, range(3), [False, True]):
        results = []
        for fw in (minigrad, torch):
            pool = getattr(fw.nn.functional, name)
            try:
                results.append(tuple(pool(fw.ones(1, n, n), k, s, p, ceil_mode=ceil).shape))
            except RuntimeError as error:
                results.append(str(error)[:30])
        assert results[0] == results[1], (n, k, s, p, ceil)
        right += isinstance(results[0], tuple)
    assert right > 100


@pytest.mark.parametrize("value", [-1.0, -np.inf])
def test_a_window_that_lies_wholly_in_the_padding(value):
    """Nothing wins: PyTorch's index names another pixel, or none, and its gradient goes astray."""
    x = minigrad.full((1, 1, 1, 3), value, requires_grad=True)
    y, index = minigrad.nn.functional.max_pool2d(
        x, 2, stride=1, padding=1, dilation=(2, 1), return_indices=True
    )
    assert y.tolist() == [[[[-np.inf] * 4]]]
    assert index.tolist() == [[[[-1] * 4]]]
    y.sum().backward()
    assert x.grad.tolist() == [[[[0.0] * 3]]]


def test_indices_have_no_gradient_and_values_do():
    x = minigrad.ones(1, 2, 2, requires_grad=True)
    y, index = minigrad.nn.functional.max_pool2d(x, 2, return_indices=True)
    assert y.requires_grad
    assert not index.requires_grad


@pytest.mark.parametrize(
    ("shape", "size"), [((2, 3, 5, 7), (0, 3)), ((2, 3, 5, 7), 0), ((2, 0, 5, 4), 2)]
)
def test_means_of_no_parts(shape, size):
    """PyTorch computes these, and has no gradient of them. It is zero."""
    x = minigrad.ones(*shape, requires_grad=True)
    y = minigrad.nn.functional.adaptive_avg_pool2d(x, size)
    theirs = torch.nn.functional.adaptive_avg_pool2d(torch.ones(*shape), size)
    assert_same(y.detach(), theirs)
    y.sum().backward()
    assert x.grad.tolist() == minigrad.zeros(*shape).tolist()


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_padding_by_nothing_is_a_copy(mode):
    x = minigrad.ones(2, 3)
    y = minigrad.nn.functional.pad(x, (0, 0), mode)
    y.add_(1)
    assert x.tolist() == minigrad.ones(2, 3).tolist()


def test_no_pixel_reaches_another_part():
    """Infinity and NaN stay in the windows that they lie in."""
    for value in (np.inf, np.nan):
        x = minigrad.zeros(1, 6, 6)
        x[0, 2, 3] = value
        for y in (
            minigrad.nn.functional.adaptive_avg_pool2d(x, 3),
            minigrad.nn.functional.avg_pool2d(x, 2),
            minigrad.nn.functional.max_pool2d(x, 2),
        ):
            finite = y.isfinite().tolist()
            assert finite == [[[True] * 3, [True, False, True], [True] * 3]]


@pytest.mark.parametrize("name", ["conv2d", "max_pool2d"])
def test_many_images_are_as_each_of_them(name):
    """They are done in blocks, as many images as fit the cache at a time."""
    count, (image, kernel) = 60, (minigrad.randn(60, 4, 32, 32), minigrad.randn(3, 4, 3, 3))
    calls = {
        "conv2d": lambda x, w: minigrad.nn.functional.conv2d(x, w, padding=1),
        "max_pool2d": lambda x, w: minigrad.nn.functional.max_pool2d(x, 2),
    }
    results = []
    for parts in ([slice(None)], [slice(k, k + 1) for k in range(count)]):
        x, w = image.clone().requires_grad_(), kernel.clone().requires_grad_()
        y = minigrad.cat([calls[name](x[part], w) for part in parts])
        (y * minigrad.arange(1.0, count + 1).view(-1, 1, 1, 1)).sum().backward()
        results.append([y.detach(), x.grad, w.grad])
    for together, alone in zip(*results, strict=True):
        if together is not None:
            np.testing.assert_allclose(together.numpy(), alone.numpy(), rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("stride", [1, 2])
def test_max_pool2d_gives_the_losers_nothing_at_all(stride):
    """Not NaN where the gradient is infinite, nor -0 where it is negative."""
    image, upstream = np.arange(16.0).reshape(1, 1, 4, 4), np.full((1, 1, 3, 3), -1.0)
    upstream[0, 0, 0] = np.inf, -np.inf, np.nan
    grads = []
    for framework in (minigrad, torch):
        x = framework.tensor(image, requires_grad=True)
        y = framework.nn.functional.max_pool2d(x, 2, stride)
        y.backward(framework.tensor(upstream[:, :, : y.shape[2], : y.shape[3]].copy()))
        grads.append(x.grad.numpy())
    np.testing.assert_array_equal(*grads)
    np.testing.assert_array_equal(*map(np.signbit, grads))

"""Augmented images are images still, moved and recoloured as said."""

import numpy as np
import pytest
import torch

from experiments.svhn.augmentation import augmented, moved, recoloured


@pytest.fixture
def x():
    rng = np.random.default_rng(0)
    images = torch.from_numpy(rng.integers(0, 256, (6, 3, 32, 32)).astype(np.float32))
    return images.contiguous(memory_format=torch.channels_last)


def chances(x, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return lambda k: torch.rand(k, len(x), generator=generator)


def test_each_part_alone_and_both(x):
    def out(**parts):
        return augmented(x, chances(x), **parts)

    assert torch.equal(out(geometry=False, colours=False), x)
    moved_only, recoloured_only = out(colours=False), out(geometry=False)
    assert not torch.equal(moved_only, recoloured_only)
    assert not torch.equal(out(), moved_only)
    # Contrast and inversion are of a whole image: the new pixels are a line's of the old ones.
    for before, after in zip(x, recoloured_only, strict=True):
        inside = (after[0] > 0) & (after[0] < 255)
        correlation = torch.corrcoef(torch.stack([before[0][inside], after[0][inside]]))[0, 1]
        assert abs(correlation) == pytest.approx(1, abs=1e-4)


def same(n, value=0.0):
    return torch.full((n,), value)


def test_shape_dtype_and_range_stay(x):
    out = augmented(x, chances(x))
    assert (out.shape, out.dtype) == (x.shape, x.dtype)
    assert out.is_contiguous(memory_format=torch.channels_last)
    assert 0 <= out.min() < out.max() <= 255
    assert not torch.equal(out, x)


def test_it_depends_on_the_numbers_drawn_alone(x):
    first, second, third = (augmented(x, chances(x, s)) for s in (0, 0, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, -2), (-1, 3)])
def test_a_shift_of_whole_pixels(x, right, down):
    shift = torch.stack([same(6, right), same(6, down)])
    out = moved(x, same(6), torch.ones(2, 6), shift)
    rows, columns = (np.clip(np.arange(32) + by, 0, 31) for by in (down, right))
    np.testing.assert_allclose(out, x[:, :, rows][:, :, :, columns], atol=1e-2)


def test_a_quarter_turn(x):
    out = moved(x, same(6, 90.0), torch.ones(2, 6), torch.zeros(2, 6))
    np.testing.assert_allclose(out, torch.rot90(x, 1, (2, 3)), atol=1e-2)


def test_stretching_by_two_shows_the_window_twice_as_large():
    x = torch.zeros(1, 3, 32, 32)
    x[..., 8:24, 12:20] = 200.0
    out = moved(x, same(1), torch.tensor([[2.0], [1.0]]), torch.zeros(2, 1))
    covered = (out[0, 0] > 100).nonzero()
    assert covered.amin(0).tolist() == [8, 14]
    assert covered.amax(0).tolist() == [23, 17]


def test_colours(x):
    plain = same(6, False)
    assert torch.allclose(recoloured(x, same(6, 1.0), same(6), plain), x, atol=1e-4)
    assert torch.allclose(recoloured(x, same(6, 1.0), same(6), same(6, True)), 255 - x, atol=1e-4)
    brighter = recoloured(x, same(6, 1.0), same(6, 20.0), plain)
    assert torch.allclose(brighter, (x + 20).clamp(max=255), atol=1e-4)
    flat = recoloured(x, same(6, 0.0), same(6), plain)
    assert torch.allclose(flat, x.mean((2, 3), keepdim=True).expand_as(x), atol=1e-3)


def test_no_image_is_mirrored():
    """A gradient from left to right stays one, dark on light or light on dark."""
    x = torch.linspace(0, 255, 32).expand(200, 3, 32, 32).contiguous()
    out = augmented(x, chances(x, 3))
    rises = out[..., 25].mean((1, 2)) > out[..., 6].mean((1, 2))
    chance = chances(x, 3)(8)
    assert torch.equal(~rises, chance[7] < 0.5)

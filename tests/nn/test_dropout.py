"""Dropout: PyTorch's own masks, what is drawn for them, and the two modes."""

import re
import warnings

import numpy as np
import pytest
import torch

import minigrad

from ..functions.records.normalization import draws_plainly

on_this_processor = pytest.mark.skipif(
    not draws_plainly(), reason="on Intel's processors PyTorch draws from Intel's library"
)


def masked(fw, function, x, *args):
    """What dropout makes of x, and the number that the stream gives next."""
    fw.manual_seed(7)
    y = getattr(fw.nn.functional, function)(x, *args)
    return y.detach(), fw.rand(1)


@on_this_processor
@pytest.mark.parametrize("shape", [(), (1,), (5,), (15,), (16,), (17,), (1000,), (300, 400)])
@pytest.mark.parametrize("p", [0.0, 0.1, 0.3, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_masks_and_stream_are_pytorchs_bit_for_bit(shape, p, dtype):
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    ours, theirs = [masked(fw, "dropout", fw.tensor(x), p) for fw in (minigrad, torch)]
    for a, b in zip(ours, theirs, strict=True):
        assert a.numpy().tobytes() == b.numpy().tobytes()


VIEWS = {
    "transposed": lambda x: x.transpose(0, 1),
    "permuted": lambda x: x.permute(2, 0, 3, 1),
    "strided": lambda x: x[::2, :, 1::2],
    "expanded": lambda x: x[:, :1].expand(3, 4, 5, 6),
}


@on_this_processor
@pytest.mark.parametrize("function", ["dropout", "dropout2d"])
@pytest.mark.parametrize("view", VIEWS)
def test_masks_lie_in_memory_as_pytorchs(agree, function, view):
    x = np.random.default_rng(0).standard_normal((3, 4, 5, 6))
    agree(lambda fw: masked(fw, function, VIEWS[view](fw.tensor(x))))


def test_a_mask_is_where_uniform_numbers_are_below_the_probability_of_staying():
    """What holds on every processor."""
    minigrad.manual_seed(3)
    y = minigrad.nn.functional.dropout(minigrad.ones(10_000), 0.3)
    torch.manual_seed(3)
    keep = torch.rand(10_000, dtype=torch.float64) < 0.7
    np.testing.assert_array_equal(y.numpy() != 0, keep.numpy())
    np.testing.assert_array_equal(y.numpy()[keep.numpy()], np.float32(1) / np.float32(0.7))


@on_this_processor
def test_a_channel_goes_as_a_whole(agree):
    def call(fw):
        y, following = masked(fw, "dropout2d", fw.ones(4, 8, 3, 3), 0.4)
        channels = y.reshape(32, 9).numpy()
        assert (channels == channels[:, :1]).all()
        assert 0 < (channels[:, 0] == 0).sum() < 32
        return y, following

    agree(call)


@on_this_processor
@pytest.mark.parametrize(
    ("shape", "warning"),
    [
        ((2, 3), "Received a 2-D input to dropout2d, which is deprecated"),
        ((2, 3, 4), r"assuming that channel-wise 1D dropout behavior .* shape \(N, C, L\)"),
        ((2, 3, 2, 2, 2), "Received a 5-D input to dropout2d, which is deprecated"),
        ((2, 3, 2, 2), None),
        ((0, 3, 2, 2), None),
    ],
)
def test_other_numbers_of_axes(agree, shape, warning):
    def call(fw):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = masked(fw, "dropout2d", fw.ones(shape))
        assert len(caught) == (warning is not None)
        assert all(re.search(warning, str(w.message)) for w in caught)
        return result

    agree(call)


@pytest.mark.parametrize("fw", [torch, minigrad])
@pytest.mark.filterwarnings("ignore:dropout2d")
@pytest.mark.parametrize("shape", [(1,), (3,)])
def test_no_channels(fw, shape):
    with pytest.raises(RuntimeError, match="Feature dropout requires at least 2 dimensions"):
        fw.nn.functional.dropout2d(fw.ones(shape))


@pytest.mark.parametrize("fw", [torch, minigrad])
@pytest.mark.parametrize("name", ["Dropout", "Dropout2d"])
def test_without_noise_the_input_itself_is_returned(fw, name):
    x = fw.ones(2, 3, 4, 4)
    layer = getattr(fw.nn, name)()
    fw.manual_seed(0)
    before = fw.rand(1)
    fw.manual_seed(0)
    assert layer.eval()(x) is x
    assert getattr(fw.nn, name)(p=0.0)(x) is x
    assert (fw.rand(1) == before).all()  # nothing was drawn
    assert layer.train()(x) is not x


@on_this_processor
def test_each_call_draws_a_mask_of_its_own_and_its_gradient_has_the_same(agree):
    def call(fw):
        fw.manual_seed(1)
        layer = fw.nn.Dropout(0.4)
        x = fw.tensor(np.arange(1.0, 21.0), requires_grad=True)
        first, second = layer(x), layer(x)
        assert not ((first == 0) == (second == 0)).all()
        first.backward(fw.tensor(np.arange(20.0)))
        return first, second, x.grad

    agree(call)


def test_an_infinite_gradient_is_multiplied_by_0_as_in_pytorch(agree):
    def call(fw):
        x = fw.ones(4, requires_grad=True)
        fw.nn.functional.dropout(x, 1.0).backward(fw.tensor([1.0, np.inf, -np.inf, np.nan]))
        return x.grad

    agree(call)


@pytest.mark.parametrize("name", ["Dropout", "Dropout2d"])
def test_wrong_probabilities_and_inplace(name):
    for fw in (torch, minigrad):
        for p in (-0.1, 1.1):
            with pytest.raises(ValueError, match=f"between 0 and 1, but got {p}"):
                getattr(fw.nn, name)(p)
    with pytest.raises(NotImplementedError, match="inplace"):
        getattr(minigrad.nn, name)(inplace=True)

"""The parts of the checker that can be told wrong by themselves."""

import io

import numpy as np
import pytest
import torch

from pt_reference.check import frames, initialisation
from pt_reference.check.cases import cases
from pt_reference.check.compare import difference
from pt_reference.check.contract import LAYERS
from pt_reference.check.differences import differences
from pt_reference.check.oracle import answers


def test_a_frame_arrives_as_it_was_sent():
    stream = io.BytesIO()
    arrays = {"x": np.arange(6.0).reshape(2, 3).T, "n": np.array(3), "none": np.zeros((0, 2))}
    frames.write(stream, {"do": "run"}, arrays)
    stream.seek(0)
    header, arrived = frames.read(stream)
    assert header == {"do": "run"}
    for name, array in arrays.items():
        np.testing.assert_array_equal(arrived[name], array)
        assert arrived[name].dtype == array.dtype


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"arrays": [["x", "|O", [1]]]}12345678', b"{}"])
def test_what_is_no_frame_is_refused(body):
    with pytest.raises(frames.BadFrame):
        frames.parse(body, min(len(body), 33))


def test_a_difference_names_the_worst_element():
    expected = np.array([[1.0, 2.0], [np.nan, np.inf]])
    assert difference(expected.copy(), expected) is None
    yours = expected + np.array([[1e-13, 0.5], [0.0, 0.0]])
    found = difference(yours, expected)
    assert (found.index, found.max_abs_error) == ((0, 1), 0.5)
    assert found.wrong.sum() == 1
    assert difference(np.nan_to_num(expected), expected).max_abs_error == np.inf


def test_differences_are_derivatives_and_kinks_are_known():
    x = np.array([0.0, 2.0, -1.0])
    slopes, kinks = differences(lambda: np.abs(x), x, [[0], [1], [2]], np.array([1.0, 3.0, 5.0]))
    np.testing.assert_allclose(slopes[1:], [3, -5], rtol=1e-9)
    assert list(kinks) == [True, False, False]
    np.testing.assert_array_equal(x, [0.0, 2.0, -1.0])


@pytest.mark.parametrize("layer", LAYERS)
def test_pytorch_answers_all_cases_but_the_invalid_ones(layer):
    for case, expected in answers(layer, 0):
        assert bool(expected) != case.invalid, case.name


@pytest.mark.parametrize("layer", LAYERS)
def test_a_seed_draws_the_same_numbers_and_another_one_others(layer):
    first, again, other = cases(layer, 1), cases(layer, 1), cases(layer, 2)
    names = [case.name for case in first]
    assert len(set(names)) == len(names)
    for a, b in zip(first, again, strict=True):
        for name in a.inputs:
            np.testing.assert_array_equal(a.inputs[name], b.inputs[name])
    assert any(not np.array_equal(first[0].inputs[k], other[0].inputs[k]) for k in first[0].inputs)


@pytest.mark.parametrize("layer", ["Linear", "Conv2d"])
def test_pytorchs_own_parameters_look_like_pytorchs(layer):
    torch.manual_seed(0)
    made = getattr(torch.nn, layer)(*initialisation.SIZES[layer])
    for parameter in made.parameters():
        assert initialisation.looks_like(layer, parameter.detach().numpy()) is None
    wide = made.weight.detach().numpy() * 6**0.5
    assert initialisation.looks_like(layer, wide).id == "initialisation:scaled"
    assert initialisation.looks_like(layer, np.zeros(50)).id == "initialisation:zeros"
    assert initialisation.looks_like(layer, np.abs(wide)).id == "initialisation:one_sided"
    normal = np.random.default_rng(0).normal(size=wide.shape) * wide.std()
    assert initialisation.looks_like(layer, normal).id == "initialisation:distribution"

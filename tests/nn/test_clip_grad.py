"""Clipping of gradients: PyTorch's norms, scales, warnings and errors."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

NORMS = st.sampled_from([2.0, 1, 0.5, 3, math.inf, "inf", -math.inf, 0, -1])
SHAPES = st.lists(st.sampled_from([(), (1,), (3,), (2, 3), (2, 1, 4), (0,), None]), max_size=4)


def with_gradients(torch, gradients, dtype="float64"):
    """Parameters that have these gradients; one without for each None."""
    params = []
    for g in gradients:
        g = None if g is None else np.asarray(g, dtype)
        shape = (2,) if g is None else g.shape
        params.append(torch.zeros(shape, dtype=getattr(torch, dtype), requires_grad=True))
        params[-1].grad = None if g is None else torch.tensor(g.copy())
    return params


def draw_gradients(shapes, seed, scale=1.0):
    rng = np.random.default_rng(seed)
    return [None if s is None else scale * rng.standard_normal(s) for s in shapes]


def gradients_of(params):
    return [p.grad for p in params if p.grad is not None]


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 1e-5)])
@given(SHAPES, NORMS, st.sampled_from([0.0, 0.1, 1.0, 100.0, -1.0]), st.integers(0, 9))
def test_clip_grad_norm(agree, dtype, rtol, shapes, norm_type, max_norm, seed):
    assume((0,) not in shapes or float(norm_type) in (2.0, 1.0, 0.5, 3.0, 0.0))  # see the errors

    def clip(torch):
        params = with_gradients(torch, draw_gradients(shapes, seed), dtype)
        before = gradients_of(params)
        total = torch.nn.utils.clip_grad_norm_(params, max_norm, norm_type)
        assert all(p is q for p, q in zip(before, gradients_of(params), strict=True))
        return total, before, [g._version for g in before], total.requires_grad

    agree(clip, rtol=rtol)


def test_gradients_of_two_types(agree):
    def clip(torch):
        params = with_gradients(torch, [[3.0, 4.0]], "float32")
        params += with_gradients(torch, [[12.0]], "float64")
        return torch.nn.utils.clip_grad_norm_(params, 1.0), gradients_of(params)

    agree(clip, rtol=1e-7)


def test_all_gradients_are_one_vector(torch):
    params = with_gradients(torch, [[3.0], [4.0, 0.0]])
    assert torch.nn.utils.clip_grad_norm_(params, 1.0).item() == 5.0
    clipped = [g.tolist() for g in gradients_of(params)]
    np.testing.assert_allclose(np.concatenate(clipped), [0.6, 0.8, 0.0], rtol=1e-6)


def test_short_gradients_are_not_stretched(torch):
    params = with_gradients(torch, [[3.0, 4.0]])
    torch.nn.utils.clip_grad_norm_(params, 50.0)
    assert params[0].grad.tolist() == [3.0, 4.0]


GIVEN = {
    "a list": lambda params: params,
    "a tuple": tuple,
    "a generator": iter,
    "a generator expression": lambda params: (p for p in params),
    "one tensor": lambda params: params[0],
}


@pytest.mark.parametrize("kind", GIVEN)
@pytest.mark.parametrize("name", ["clip_grad_norm_", "clip_grad_value_"])
def test_however_they_are_given(agree, kind, name):
    def clip(torch):
        params = with_gradients(torch, [[3.0, 4.0], [5.0]])
        result = getattr(torch.nn.utils, name)(GIVEN[kind](params), 1.0)
        return result is None, gradients_of(params)

    agree(clip, rtol=1e-12)


@pytest.mark.parametrize("given", [[], [None], [None, None]])
def test_without_gradients_the_norm_is_0(agree, given):
    agree(lambda torch: torch.nn.utils.clip_grad_norm_(with_gradients(torch, given), 1.0))


def test_an_empty_generator_is_warned_of(torch):
    """A generator that was used up before is a mistake that would go unnoticed."""
    with pytest.warns(UserWarning, match="`parameters` is an empty generator") as caught:
        torch.nn.utils.clip_grad_norm_((p for p in ()), 1.0)
    assert len(caught) == 1


BAD = [[1.0, math.nan], [1.0, math.inf], [-math.inf, math.inf], [math.nan, math.inf]]


@pytest.mark.parametrize("bad", BAD, ids=str)
@pytest.mark.parametrize("norm_type", [2.0, 1.0, "inf"])
def test_gradients_that_are_not_finite(agree, bad, norm_type):
    def clip(torch):
        params = with_gradients(torch, [bad, [1.0]])
        return torch.nn.utils.clip_grad_norm_(params, 1.0, norm_type), gradients_of(params)

    agree(clip)


@pytest.mark.parametrize("bad", BAD, ids=str)
@pytest.mark.parametrize("norm_type", [2.0, 1.0, "inf"])
def test_they_are_an_error_on_demand(same_error, bad, norm_type):
    def clip(torch):
        params = with_gradients(torch, [bad, [1.0]])
        try:
            torch.nn.utils.clip_grad_norm_(params, 1.0, norm_type, error_if_nonfinite=True)
        finally:  # before anything is changed
            np.testing.assert_array_equal(params[0].grad.numpy(), bad)

    same_error(clip)


@pytest.mark.parametrize(("norm_type", "name"), [(math.inf, "infinity"), (-1, "-1")])
def test_no_largest_of_no_numbers(torch, norm_type, name):
    params = with_gradients(torch, [[], [1.0]])
    with pytest.raises(RuntimeError, match=f"cannot compute the {name} norm on an empty tensor"):
        torch.nn.utils.clip_grad_norm_(params, 1.0, norm_type)


def test_mistakes(torch):
    with pytest.raises(ValueError, match="could not convert string to float: 'long'"):
        torch.nn.utils.clip_grad_norm_(with_gradients(torch, [[1.0]]), 1.0, "long")
    with pytest.raises(RuntimeError, match="Expected a floating point or complex tensor"):
        torch.nn.utils.get_total_norm([torch.tensor([1, 2])])
    with pytest.raises(AttributeError):
        torch.nn.utils.clip_grad_norm_([1.0], 1.0)


@given(SHAPES, NORMS, st.integers(0, 9))
@example([(3,), (2, 3)], 2.0, 0)
def test_norm_and_scale_apart(agree, shapes, norm_type, seed):
    """clip_grad_norm_ in its two parts; get_total_norm measures any tensors."""
    assume((0,) not in shapes and None not in shapes)

    def clip(torch):
        params = with_gradients(torch, draw_gradients(shapes, seed))
        total = torch.nn.utils.get_total_norm(iter(gradients_of(params)), norm_type)
        before = [g.clone() for g in gradients_of(params)]
        torch.nn.utils.clip_grads_with_norm_(params, 0.5, total)
        return total, before, gradients_of(params)

    agree(clip, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(SHAPES, st.sampled_from([0.0, 0.3, 1, math.inf, -1.0]), st.integers(0, 9))
def test_clip_grad_value(agree, dtype, shapes, clip_value, seed):
    assume(any(shape is not None for shape in shapes))  # PyTorch's internals stumble over none

    def clip(torch):
        params = with_gradients(torch, draw_gradients(shapes, seed), dtype)
        before = gradients_of(params)
        assert torch.nn.utils.clip_grad_value_(params, clip_value) is None
        assert all(p is q for p, q in zip(before, gradients_of(params), strict=True))
        assert all(g._version > 0 for g in before)
        return before

    agree(clip)


def test_a_value_that_is_not_finite_is_clipped_but_nan_stays(agree):
    def clip(torch):
        params = with_gradients(torch, [[math.nan, math.inf, -math.inf, 0.5]])
        torch.nn.utils.clip_grad_value_(params, 1.0)
        return gradients_of(params)

    agree(clip)


def test_a_gradient_laid_out_otherwise(agree):
    def clip(torch):
        p = torch.zeros(3, 2, requires_grad=True)
        p.grad = torch.tensor(np.arange(6.0, dtype="float32").reshape(2, 3)).T
        total = torch.nn.utils.clip_grad_norm_(p, 1.0)
        torch.nn.utils.clip_grad_value_(p, 0.5)
        return total, p.grad

    agree(clip, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:Using backward\\(\\) with create_graph=True")
def test_gradients_with_a_history_are_clipped_without_one(torch):
    p = torch.tensor([3.0, 4.0], requires_grad=True)
    (p * p * p).sum().backward(create_graph=True)
    total = torch.nn.utils.clip_grad_norm_([p], 1.0)
    assert not total.requires_grad
    np.testing.assert_allclose(np.linalg.norm(p.grad.tolist()), 1.0, rtol=1e-6)


@pytest.mark.parametrize("name", ["clip_grad_norm_", "clip_grad_value_"])
def test_foreach_is_pytorchs(name):
    import minigrad

    params = with_gradients(minigrad, [[1.0]])
    with pytest.raises(NotImplementedError, match="has no foreach=True"):
        getattr(minigrad.nn.utils, name)(params, 1.0, foreach=True)
    getattr(minigrad.nn.utils, name)(params, 1.0, foreach=False)

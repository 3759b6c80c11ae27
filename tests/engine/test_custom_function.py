"""A Function written for PyTorch is a Function here: one class body, run in both."""

import numpy as np
import pytest

X = np.random.default_rng(5).standard_normal((4, 3))


def tensors(torch, *arrays, dtype=None):
    return [torch.tensor(a, dtype=dtype, requires_grad=True) for a in arrays]


def scaled_exp(torch):
    class ScaledExp(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor, name="unused"):
            ctx.factor, ctx.name = factor, name
            y = torch.exp(x * factor)
            ctx.save_for_backward(x, y)
            return y

        @staticmethod
        def backward(ctx, grad_output):
            x, y = ctx.saved_tensors
            assert ctx.needs_input_grad == (True, False, False)
            assert x.shape == y.shape
            return grad_output * y * ctx.factor, None, None

    return ScaledExp


def test_saved_tensors_attributes_and_plain_arguments(agree):
    def run(torch):
        (x,) = tensors(torch, X)
        y = scaled_exp(torch).apply(x, 0.5, "name")
        y.backward(torch.tensor(X))
        return y, x.grad

    agree(run, rtol=1e-14)


def test_none_may_be_saved(agree):
    def run(torch):
        class Scale(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, factor=None):
                ctx.save_for_backward(x, factor)
                return x * x if factor is None else x * factor

            @staticmethod
            def backward(ctx, grad_output):
                x, factor = ctx.saved_tensors
                return grad_output * (2 * x if factor is None else factor), None

        (x,) = tensors(torch, X)
        y = Scale.apply(x, None) + Scale.apply(x, torch.tensor(X))
        y.backward(torch.tensor(X))
        return y, x.grad

    agree(run, rtol=1e-14)


def test_a_half_of_a_function_says_which_half_it_lacks(same_error):
    class Backward:
        @staticmethod
        def forward(ctx, x):
            return x * 2

    def apply(torch, *bases):
        function = type("Half", (*bases, torch.autograd.Function), {})
        function.apply(*tensors(torch, X)).sum().backward()

    same_error(apply)
    same_error(lambda torch: apply(torch, Backward))


def test_backward_of_backward(agree):
    def run(torch):
        (x,) = tensors(torch, X)
        y = scaled_exp(torch).apply(x, 0.5, "name")
        (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        (gg,) = torch.autograd.grad((g * g).sum(), x)
        return g, gg

    agree(run, rtol=1e-13)


def test_the_name_is_that_of_the_class(torch):
    (x,) = tensors(torch, X)
    assert split(torch).apply(x)[1].grad_fn.name() == "SplitBackward"


def test_nothing_is_recorded_without_need(torch):
    y = scaled_exp(torch).apply(torch.tensor(X), 1.0, "name")
    assert not y.requires_grad
    (x,) = tensors(torch, X)
    with torch.no_grad():
        assert not scaled_exp(torch).apply(x, 1.0, "name").requires_grad


def test_forward_records_nothing_of_its_own(torch):
    class Quiet(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            assert not torch.is_grad_enabled()
            assert not (x * 2).requires_grad
            return x * 2

        @staticmethod
        def backward(ctx, grad_output):
            return grad_output * 2

    (x,) = tensors(torch, X)
    Quiet.apply(x).sum().backward()
    assert x.grad.tolist() == np.full_like(X, 2.0).tolist()


def test_needs_input_grad_says_which(torch):
    seen = []

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b, c):
            ctx.save_for_backward(a, b)
            seen.append(ctx.needs_input_grad)
            return a * b

        @staticmethod
        def backward(ctx, grad_output):
            a, b = ctx.saved_tensors
            seen.append(ctx.needs_input_grad)
            return (grad_output * b if ctx.needs_input_grad[0] else None), grad_output * a, None

    (b,) = tensors(torch, X)
    Product.apply(torch.tensor(X), b, 3).sum().backward()
    assert seen == [(False, True, False)] * 2
    assert b.grad.tolist() == X.tolist()


def split(torch, materialize=True):
    class Split(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(materialize)
            return x[:2] * 2, x[2:] * 3

        @staticmethod
        def backward(ctx, first, second):
            if not materialize:
                assert second is None
                second = torch.zeros(2, 3, dtype=torch.float64)
            return torch.cat([first * 2, second * 3])

    return Split


@pytest.mark.parametrize("materialize", [True, False])
def test_an_unused_output_gets_zeros_or_none(torch, materialize):
    (x,) = tensors(torch, X)
    first, _ = split(torch, materialize).apply(x)
    first.sum().backward()
    assert x.grad.tolist() == [[2.0] * 3] * 2 + [[0.0] * 3] * 2


def test_several_outputs_are_joined(agree):
    def run(torch):
        (x,) = tensors(torch, X)
        first, second = split(torch).apply(x)
        (first * second).sum().backward()
        return first, second, x.grad

    agree(run, rtol=1e-14)


def test_mark_non_differentiable(torch):
    class SortOfMax(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            index = torch.argmax(x, dim=1)
            sign = torch.ones(4, dtype=torch.float64)
            ctx.mark_non_differentiable(index, sign)
            return x * 1, index, sign

        @staticmethod
        def backward(ctx, grad, *rest):
            assert [float(r.abs().sum()) for r in rest] == [0.0, 0.0]
            return grad

    (x,) = tensors(torch, X)
    y, index, sign = SortOfMax.apply(x)
    assert (y.requires_grad, index.requires_grad, sign.requires_grad) == (True, False, False)
    (y * sign.reshape(4, 1)).sum().backward()
    assert x.grad.sum().item() == 12.0


def returning(torch, *gradients):
    """A Function of two tensors whose backward returns what is given."""

    class Returning(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, grad_output):
            made = tuple(g(grad_output) if callable(g) else g for g in gradients)
            return made if len(made) != 1 else made[0]

    return Returning


def test_none_is_no_gradient(torch):
    a, b = tensors(torch, X, X)
    returning(torch, None, lambda g: g * 2).apply(a, b).sum().backward()
    assert a.grad is None
    assert b.grad.sum().item() == 24.0


@pytest.mark.parametrize("count", [1, 3])
def test_a_wrong_number_of_gradients(torch, count):
    a, b = tensors(torch, X, X)
    y = returning(torch, *[lambda g: g] * count).apply(a, b).sum()
    message = (
        rf"ReturningBackward returned an incorrect number of gradients \(expected 2, got {count}"
    )
    with pytest.raises(RuntimeError, match=message):
        y.backward()


def test_none_too_many_is_forgiven(torch):
    a, b = tensors(torch, X, X)
    returning(torch, lambda g: g, lambda g: g, None, None).apply(a, b).sum().backward()
    assert a.grad.sum().item() == 12.0


def test_a_gradient_of_a_wrong_shape(torch):
    a, b = tensors(torch, X, X)
    y = returning(torch, lambda g: g[:2], lambda g: g).apply(a, b).sum()
    message = (
        r"ReturningBackward returned an invalid gradient at index 0 - got \[2, 3\] but expected "
        r"shape compatible with \[4, 3\]"
    )
    with pytest.raises(RuntimeError, match=message):
        y.backward()


def test_a_gradient_that_is_no_tensor(torch):
    a, b = tensors(torch, X, X)
    y = returning(torch, lambda g: 1.0, lambda g: g).apply(a, b).sum()
    with pytest.raises(RuntimeError, match=r"expected (Variable|Tensor) or None \(got float\)"):
        y.backward()


def test_a_broadcast_is_undone_by_the_engine(agree):
    def run(torch):
        a, b = tensors(torch, X, X[:1])
        c, d = tensors(torch, X[:, :1], X[0, 0])
        add = returning(torch, lambda g: g, lambda g: g)
        add.apply(add.apply(a, b), add.apply(c, d)).backward(torch.tensor(X))
        return a.grad, b.grad, c.grad, d.grad

    agree(run, rtol=1e-13)


def test_a_gradient_is_cast_to_the_dtype_of_its_input(torch):
    (a,) = tensors(torch, X, dtype=torch.float32)
    (b,) = tensors(torch, X, dtype=torch.float64)
    returning(torch, lambda g: g.double(), lambda g: g.float()).apply(a, b).sum().backward()
    assert (a.grad.dtype, b.grad.dtype) == (torch.float32, torch.float64)


def test_an_input_returned_as_output(torch):
    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, grad_output):
            return grad_output * -2

    (x,) = tensors(torch, X)
    y = Scaled.apply(x)
    assert y is not x
    assert x.is_leaf
    assert y.grad_fn is not None
    y.sum().backward()
    assert x.grad.sum().item() == -24.0


def test_saved_tensors_are_freed_and_watched(torch):
    (x,) = tensors(torch, X)
    y = scaled_exp(torch).apply(x, 1.0, "name")
    y.sum().backward()
    with pytest.raises(RuntimeError, match="a second time"):
        y.sum().backward()
    middle = x * 1
    y = scaled_exp(torch).apply(middle, 1.0, "name")
    middle += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_an_exception_in_backward_comes_through(torch):
    def fail(grad):
        raise ZeroDivisionError("from backward")

    a, b = tensors(torch, X, X)
    y = returning(torch, fail, None).apply(a, b).sum()
    with pytest.raises(ZeroDivisionError, match="from backward"):
        y.backward()
    assert torch.is_grad_enabled()
    assert a.grad is None


def test_what_is_not_written_says_so(torch):
    class Empty(torch.autograd.Function):
        pass

    with pytest.raises(NotImplementedError, match="must implement the forward"):
        Empty.apply(torch.tensor(1.0))

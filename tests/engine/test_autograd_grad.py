"""autograd.grad, and gradients of gradients."""

import warnings

import numpy as np
import pytest

RNG = np.random.default_rng(3)
W1, W2, X, Y = (RNG.standard_normal(s) for s in ((5, 4), (3, 5), (7, 4), (7, 3)))
VECTORS = [RNG.standard_normal(W1.shape), RNG.standard_normal(W2.shape)]


def two(torch):
    return [torch.tensor(n, dtype=torch.float64, requires_grad=True) for n in (2.0, 3.0)]


def test_it_returns_gradients_and_changes_none(torch):
    x, y = two(torch)
    gx, gy = torch.autograd.grad(x * x * y, [x, y])
    assert (gx.item(), gy.item()) == (12.0, 4.0)
    assert x.grad is None
    assert y.grad is None
    assert not gx.requires_grad


def test_one_input_without_a_list(torch):
    x, y = two(torch)
    (gx,) = torch.autograd.grad(outputs=x * y, inputs=x)
    assert gx.item() == 3.0


def test_several_outputs_add_up(torch):
    x, y = two(torch)
    upstream = torch.tensor(10.0, dtype=torch.float64)
    gx, gy = torch.autograd.grad([x * y, x + y], [x, y], [upstream, None])
    assert (gx.item(), gy.item()) == (31.0, 21.0)


def test_the_gradient_of_a_value_on_the_way(torch):
    x, _ = two(torch)
    y = x * x
    loss = y.exp() + y
    gx, gy = torch.autograd.grad(loss, [x, y])
    assert gy.item() == pytest.approx(np.exp(4.0) + 1, rel=1e-15)
    assert gx.item() == pytest.approx(4 * (np.exp(4.0) + 1), rel=1e-15)


def test_the_gradient_of_the_output_itself(torch):
    x, _ = two(torch)
    y = x * x
    assert torch.autograd.grad(y, y)[0].item() == 1.0


def test_nothing_runs_beyond_the_inputs(torch):
    """What lies between them and the leaves keeps what it saved."""
    x, w = two(torch)
    y = x.exp()
    (gy,) = torch.autograd.grad(y * y, y)
    y.backward()
    assert gy.item() == 2 * y.item()
    assert x.grad.item() == y.item()
    x.grad = None
    y = x.exp()
    (y * w.exp()).backward(inputs=[w])
    y.backward()
    assert x.grad.item() == y.item()


def test_what_does_not_lead_to_the_inputs_does_not_run(torch):
    class Mute(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad_output):
            raise AssertionError("nobody asked")

    x, w = two(torch)
    y = Mute.apply(x)
    assert torch.autograd.grad(y * w, w, retain_graph=True)[0].item() == 4.0
    assert torch.autograd.grad(y * w, y)[0].item() == 3.0
    with pytest.raises(RuntimeError, match="appears to not have been used in the graph"):
        torch.autograd.grad(y * 1, w)


def test_a_function_that_leads_to_one_of_the_inputs_runs(torch):
    """Also by way of another of the inputs, and where the order of recording misleads."""
    x, w = two(torch)
    middle = x * w
    late = w * 1  # recorded after `middle`, of which it knows nothing
    top = middle * late  # x w^2
    gx, gm, gw = torch.autograd.grad(top, [x, middle, w])
    assert (gx.item(), gm.item(), gw.item()) == (9.0, 3.0, 12.0)


def test_retained_gradients_on_and_off_the_way(torch):
    x, w = two(torch)
    on, off = x * 3, w * 5
    on.retain_grad()
    off.retain_grad()
    torch.autograd.grad(on * off, x)
    assert on.grad.item() == 15.0
    assert off.grad is None
    on = x * 3
    on.retain_grad()
    assert torch.autograd.grad(on * on, on)[0].item() == 12.0
    assert on.grad.item() == 12.0


def test_retained_gradients_of_what_is_gone_and_of_what_nothing_arrives_at(torch):
    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, a, b):
            return 2 * a + 3 * b

    x, _ = two(torch)
    first, second = Two.apply(x)
    first.retain_grad()
    second.retain_grad()
    loss = first * first
    loss.backward(retain_graph=True)
    assert first.grad.item() == 2 * first.item()
    assert second.grad is None
    del first
    loss.backward()
    assert x.grad.item() == 2 * 8 * x.item()  # of (2 x)^2, twice


def test_an_input_that_is_not_used_gets_no_gradient_from_backward(torch):
    x, w = two(torch)
    (x * x).backward(inputs=[w, x])
    assert x.grad.item() == 2 * x.item()
    assert w.grad is None


def test_what_minigrad_refuses_where_pytorch_looks_away():
    """PyTorch takes both, and does nothing with either."""
    import minigrad

    x, w = two(minigrad)
    with pytest.raises(RuntimeError, match="got 1 tensors and 2 gradients"):
        minigrad.autograd.backward([x * w], [x.detach(), w.detach()])
    with pytest.raises(NotImplementedError, match="only_inputs=True alone"):
        minigrad.autograd.grad(x * w, x, only_inputs=False)


def test_the_same_input_twice(torch):
    x, _ = two(torch)
    assert [g.item() for g in torch.autograd.grad(x * x, [x, x])] == [4.0, 4.0]


def test_unused_inputs(torch):
    x, y = two(torch)
    with pytest.raises(RuntimeError, match="appears to not have been used in the graph"):
        torch.autograd.grad(x * x, [x, y])
    gx, gy = torch.autograd.grad(x * x, [x, y], allow_unused=True)
    assert (gx.item(), gy) == (4.0, None)
    _, gy = torch.autograd.grad(x * x, [x, y], materialize_grads=True)
    assert gy.item() == 0.0


def test_inputs_that_require_no_gradient(torch):
    x, _ = two(torch)
    with pytest.raises(RuntimeError, match="One of the differentiated Tensors does not require gr"):
        torch.autograd.grad(x * x, torch.tensor(1.0))


def test_the_graph_is_freed_and_can_be_retained(torch):
    x, _ = two(torch)
    y = x.exp()
    torch.autograd.grad(y, x, retain_graph=True)
    torch.autograd.grad(y, x)
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        torch.autograd.grad(y, x)


def test_third_derivatives(torch):
    x, _ = two(torch)
    value, derivatives = x**5, []
    for _ in range(3):
        (value,) = torch.autograd.grad(value, x, create_graph=True)
        derivatives.append(value.item())
    assert derivatives == [80.0, 160.0, 240.0]


def test_a_gradient_penalty(agree):
    """The loss holds a gradient: backward goes through the backward pass."""

    def penalty(torch):
        x = torch.tensor(X, requires_grad=True)
        w = torch.tensor(W1, requires_grad=True)
        out = torch.log_softmax(x @ w.T, dim=1).exp().sum(dim=0)
        (gx,) = torch.autograd.grad((out * out).sum(), x, create_graph=True)
        ((gx**2).sum() + out.sum()).backward()
        return gx, x.grad, w.grad

    agree(penalty, rtol=1e-9)


def hessian_vector_product(torch):
    weights = [torch.tensor(w, requires_grad=True) for w in (W1, W2)]
    x, y = torch.tensor(X), torch.tensor(Y)
    hidden = torch.nn.functional.linear(x, weights[0]).exp()
    hidden = hidden / (1 + hidden)
    out = torch.nn.functional.linear(hidden, weights[1])
    loss = ((torch.log_softmax(out, dim=1) - y) ** 2).mean()
    grads = torch.autograd.grad(loss, weights, create_graph=True)
    product = sum((g * torch.tensor(v)).sum() for g, v in zip(grads, VECTORS, strict=True))
    return [*grads, *torch.autograd.grad(product, weights)]


def test_hessian_vector_product_of_a_network(agree):
    agree(hessian_vector_product, rtol=1e-9, atol=1e-12)


def test_create_graph_records_the_gradient_in_grad(torch):
    x, _ = two(torch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's: leaf and gradient now hold each other
        (x**3).backward(create_graph=True)
    assert x.grad.requires_grad
    (second,) = torch.autograd.grad(x.grad, x)
    assert second.item() == 12.0
    x.grad = None

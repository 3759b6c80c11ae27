"""Gradients of gradients: whole networks, high orders, and a training step through them."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from pt_reference.networks import cnn, mlp

DIGITS = load_digits()
X = np.asarray(DIGITS.data[:64], dtype=np.float64)
Y = np.asarray(DIGITS.target[:64])


def network(torch, build, seed=0):
    """A network of the assignment in float64; the same weights in both frameworks."""
    torch.manual_seed(seed)
    return build(torch.nn).to(torch.float64)


def vectors(torch, parameters, seed=1):
    rng = np.random.default_rng(seed)
    return [torch.tensor(rng.standard_normal(tuple(p.shape))) for p in parameters]


def nll(torch, model, x, y):
    return torch.nn.functional.nll_loss(model(x), torch.tensor(y))


# ---------------------------------------------------------------- Hessian-vector products


def hessian_vector_product(torch, model):
    """H v, by differentiating the projection of the gradient on v."""
    parameters = list(model.parameters())
    loss = nll(torch, model, torch.tensor(X), Y)
    grads = torch.autograd.grad(loss, parameters, create_graph=True)
    projection = sum((g * v).sum() for g, v in zip(grads, vectors(torch, parameters), strict=True))
    return torch.autograd.grad(projection, parameters)


@pytest.mark.parametrize("build", [mlp, cnn], ids=["mlp", "cnn"])
def test_hessian_vector_products_of_the_digits_networks(build, agree):
    def products(torch):
        flat = [p.flatten() for p in hessian_vector_product(torch, network(torch, build))]
        return torch.cat(flat)

    agree(products, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("build", [mlp, cnn], ids=["mlp", "cnn"])
def test_the_hessian_is_symmetric(build, torch):
    """uᵀ(Hv) = vᵀ(Hu), which needs no reference."""
    model = network(torch, build)
    parameters = list(model.parameters())
    u, v = vectors(torch, parameters, 1), vectors(torch, parameters, 2)
    grads = torch.autograd.grad(
        nll(torch, model, torch.tensor(X), Y), parameters, create_graph=True
    )

    def projected_twice(on, then):
        projection = sum((g * w).sum() for g, w in zip(grads, on, strict=True))
        products = torch.autograd.grad(projection, parameters, retain_graph=True)
        return sum((p * w).sum() for p, w in zip(products, then, strict=True)).item()

    assert projected_twice(u, v) == pytest.approx(projected_twice(v, u), rel=1e-9)


def test_a_hessian_vector_product_is_the_difference_of_two_gradients(torch):
    """H v = (∇f(θ + hv) - ∇f(θ - hv)) / 2h, without autograd's second derivative."""
    model = network(torch, mlp)
    parameters = list(model.parameters())
    products = hessian_vector_product(torch, model)
    h, sides = 1e-6, []
    for sign in (1, -2):
        with torch.no_grad():
            for p, v in zip(parameters, vectors(torch, parameters), strict=True):
                p += sign * h * v
        sides.append(torch.autograd.grad(nll(torch, model, torch.tensor(X), Y), parameters))
    for product, above, below in zip(products, *sides, strict=True):
        difference = ((above - below) / (2 * h)).numpy()
        scale = np.abs(difference).max()
        np.testing.assert_allclose(product.numpy(), difference, rtol=0, atol=1e-5 * scale)


# ---------------------------------------------------------------- high orders


def smooth(torch, x):
    return ((x * 0.7).exp() + x**4 / (1 + x * x) + (2 + x).log() * x).sum()


@pytest.mark.parametrize("order", [2, 3, 4])
def test_derivatives_of_high_order(order, agree):
    def derivatives(torch):
        x = torch.tensor([0.3, -0.8, 1.7], dtype=torch.float64, requires_grad=True)
        value, found = smooth(torch, x), []
        for _ in range(order):
            (grad,) = torch.autograd.grad(value, x, create_graph=True)
            found.append(grad)
            value = grad.sum()
        return found

    agree(derivatives, rtol=1e-9)


def test_mixed_third_derivatives_of_a_layer(agree):
    """d/dw d/db d/dx of a smooth layer, with another direction at each step."""
    rng = np.random.default_rng(5)
    arrays = [rng.standard_normal(s) for s in ((6, 4), (3, 4), (3,))]

    def third(torch):
        x, w, b = (torch.tensor(a, requires_grad=True) for a in arrays)
        out = torch.log_softmax(torch.nn.functional.linear(x, w, b), dim=1).exp()
        value = (out * out).sum()
        for leaf in (x, b, w):
            (grad,) = torch.autograd.grad(value, leaf, create_graph=True)
            ramp = torch.arange(grad.numel(), dtype=torch.float64).reshape(grad.shape)
            value = (grad * (ramp + 1)).sum()
        return [value, *torch.autograd.grad(value, (x, w, b))]

    agree(third, rtol=1e-9, atol=1e-10)


LAYERS = {
    "conv2d": lambda f, x: f.conv2d(x, x[:1, :, :2, :2], padding=1),
    "max_pool2d": lambda f, x: f.max_pool2d(x, 2, padding=1),
    "max_pool2d, overlapping": lambda f, x: f.max_pool2d(x, 2, stride=1),
    "avg_pool2d": lambda f, x: f.avg_pool2d(x, 2, stride=1),
    "adaptive_avg_pool2d": lambda f, x: f.adaptive_avg_pool2d(x, 2),
    "pad": lambda f, x: f.pad(x, (1, -1, 2, 0)),
    "reflect": lambda f, x: f.pad(x, (1, 2, 0, 1), mode="reflect"),
    "leaky_relu": lambda f, x: f.leaky_relu(x, 0.1),
    "sigmoid": lambda f, x: f.sigmoid(x),
    "tanh": lambda f, x: f.tanh(x),
    "softmax": lambda f, x: f.softmax(x, 1),
    "log_softmax": lambda f, x: f.log_softmax(x, 3),
    "batch_norm": lambda f, x: batch_norm(f, x),
    "max": lambda f, x: x.max(2)[0],
    "an element twice": lambda f, x: x[[0, 0, 1], 1],
}


def batch_norm(f, x):
    """In PyTorch by its formula: the third derivatives of its batch_norm are not those of it."""
    if f.__name__.startswith("minigrad"):
        return f.batch_norm(x, None, None, training=True)
    centered = x - x.mean((0, 2, 3), keepdim=True)
    variance = (centered * centered).mean((0, 2, 3), keepdim=True)
    return centered / (variance + 1e-5) ** 0.5


@pytest.mark.parametrize("layer", LAYERS)
def test_third_derivatives_of_every_kind_of_layer(layer, agree):
    """Of squares, so that each upstream depends on x, and backward's derivative by it counts."""
    rng = np.random.default_rng(11)
    images, *directions = rng.standard_normal((4, 2, 2, 3, 3))

    def derivatives(torch):
        x = torch.tensor(images, requires_grad=True)
        y = LAYERS[layer](torch.nn.functional, x)
        value, found = (y * y * y * y).sum(), []
        for direction in directions:
            (grad,) = torch.autograd.grad(value, x, create_graph=True)
            found.append(grad / (1 + grad.detach().abs().max()))
            value = (grad * grad * torch.tensor(direction)).sum()
        return found

    agree(derivatives, rtol=1e-9, atol=1e-11)


# ---------------------------------------------------------------- training through a gradient


def train_with_penalty(torch, build, steps=3):
    """Minimise the loss plus the squared norm of its gradient by the input."""
    model = network(torch, build)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    history = []
    for step in range(steps):
        x = torch.tensor(X[step * 16 : (step + 1) * 16] / 16, requires_grad=True)
        loss = nll(torch, model, x, Y[step * 16 : (step + 1) * 16])
        (gradient,) = torch.autograd.grad(loss, x, create_graph=True)
        total = loss + 10 * (gradient * gradient).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        history += [total.detach(), x.grad]
    return [*history, *(p.detach() for p in model.parameters())]


@pytest.mark.parametrize("build", [mlp, cnn], ids=["mlp", "cnn"])
def test_training_with_a_gradient_penalty(build, agree):
    agree(lambda torch: train_with_penalty(torch, build), rtol=1e-9, atol=1e-11)


def test_a_step_of_a_step(agree):
    """Differentiate through a step of gradient descent, as meta-learning does."""

    def meta_gradient(torch):
        model = network(torch, mlp)
        parameters = list(model.parameters())
        x = torch.tensor(X)
        rate = torch.tensor(0.05, dtype=torch.float64, requires_grad=True)
        grads = torch.autograd.grad(nll(torch, model, x, Y), parameters, create_graph=True)
        hidden = x
        moved = [p - rate * g for p, g in zip(parameters, grads, strict=True)]
        for k in range(0, len(moved), 2):
            hidden = torch.nn.functional.linear(hidden, moved[k], moved[k + 1])
            hidden = torch.relu(hidden) if k < len(moved) - 2 else hidden
        after = torch.nn.functional.nll_loss(torch.log_softmax(hidden, dim=1), torch.tensor(Y))
        return [after, *torch.autograd.grad(after, [rate, *parameters])]

    agree(meta_gradient, rtol=1e-9, atol=1e-11)


# ---------------------------------------------------------------- the engine's arguments


def two(torch):
    return [torch.tensor(n, dtype=torch.float64, requires_grad=True) for n in (2.0, 3.0)]


def test_create_graph_retains_the_graph(torch):
    x, _ = two(torch)
    y = x.exp() * x
    first = torch.autograd.grad(y, x, create_graph=True)[0]
    again = torch.autograd.grad(y, x, create_graph=True)[0]
    assert first.item() == again.item()
    assert torch.autograd.grad(first, x)[0].item() == pytest.approx(4 * np.exp(2.0), rel=1e-14)


def test_the_graph_of_a_gradient_leads_back_through_the_first(torch):
    """What the second walk frees belongs to both; retain_graph=True spares it."""
    x, _ = two(torch)
    y = x.exp()
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    torch.autograd.grad(first, x, retain_graph=True)
    torch.autograd.grad(first, x)
    with pytest.raises(RuntimeError, match="a second time"):
        torch.autograd.grad(first, x)


def test_create_graph_without_retain_graph_frees_the_first(torch):
    x, _ = two(torch)
    y = x.exp()
    (first,) = torch.autograd.grad(y, x, create_graph=True, retain_graph=False)
    assert first.requires_grad
    with pytest.raises(RuntimeError, match="a second time"):
        torch.autograd.grad(y, x)


def test_backward_through_a_gradient_reaches_the_inputs_that_were_named(torch):
    x, y = two(torch)
    (first,) = torch.autograd.grad(x**3 * y**2, x, create_graph=True)  # 3 x^2 y^2
    first.backward(inputs=[y], retain_graph=True)
    assert x.grad is None
    assert y.grad.item() == 6 * 4 * 3  # 6 x^2 y
    first.backward(inputs=[x, y])
    assert x.grad.item() == 6 * 2 * 9  # 6 x y^2
    assert y.grad.item() == 2 * 6 * 4 * 3


def test_a_gradient_by_a_value_on_the_way_can_be_differentiated(torch):
    x, _ = two(torch)
    middle = x * x
    (by_middle,) = torch.autograd.grad(middle**3, middle, create_graph=True)  # 3 m^2
    (second,) = torch.autograd.grad(by_middle, middle, retain_graph=True)
    assert second.item() == 6 * 4.0
    assert torch.autograd.grad(by_middle, x)[0].item() == 6 * 4.0 * 4.0


def test_the_upstream_gradient_is_an_input_too(torch):
    x, g = two(torch)
    (first,) = torch.autograd.grad(x**3, x, g, create_graph=True)  # 3 g x^2
    by_x, by_g = torch.autograd.grad(first, [x, g])
    assert (by_x.item(), by_g.item()) == (36.0, 12.0)


def test_what_a_gradient_does_not_depend_on(torch):
    x, y = two(torch)
    (first,) = torch.autograd.grad(x * x + 5 * y, x, create_graph=True)
    with pytest.raises(RuntimeError, match="appears to not have been used in the graph"):
        torch.autograd.grad(first, [x, y], retain_graph=True)
    assert torch.autograd.grad(first, [x, y], retain_graph=True, allow_unused=True)[1] is None
    zero = torch.autograd.grad(first, [x, y], materialize_grads=True)[1]
    assert zero.item() == 0.0
    assert zero.dtype == torch.float64


def test_a_gradient_that_is_constant_has_no_history(torch):
    x, y = two(torch)
    (first,) = torch.autograd.grad(x * 5, x, create_graph=True)
    assert not first.requires_grad
    with pytest.raises(RuntimeError, match="does not require grad"):
        torch.autograd.grad(first, x)
    filled = torch.autograd.grad(x * 5, [x, y], create_graph=True, materialize_grads=True)[1]
    assert filled.item() == 0.0


def test_gradients_of_gradients_accumulate_in_grad(torch):
    x, y = two(torch)
    for _ in range(2):
        (first,) = torch.autograd.grad(x**2 * y, x, create_graph=True)  # 2 x y
        first.backward()
    assert (x.grad.item(), y.grad.item()) == (12.0, 8.0)
    assert not x.grad.requires_grad


def test_create_graph_records_inside_no_grad(torch):
    x, _ = two(torch)
    y = x**3
    with torch.no_grad():
        (first,) = torch.autograd.grad(y, x, create_graph=True)
    assert torch.autograd.grad(first, x)[0].item() == 12.0


def test_a_function_of_ones_own_in_high_orders(torch):
    class Sine(torch.autograd.Function):
        """Its derivatives come from each other: no end of them."""

        @staticmethod
        def forward(ctx, x, shift):
            ctx.save_for_backward(x)
            ctx.shift = shift
            return torch.tensor(np.sin(x.detach().numpy() + shift * np.pi / 2))

        @staticmethod
        def backward(ctx, grad_output):
            (x,) = ctx.saved_tensors
            return grad_output * Sine.apply(x, ctx.shift + 1), None

    x = torch.tensor([0.4, 2.0], dtype=torch.float64, requires_grad=True)
    value = Sine.apply(x, 0)
    for order in range(1, 6):
        (value,) = torch.autograd.grad(value.sum(), x, create_graph=True)
        expected = np.sin(x.detach().numpy() + order * np.pi / 2)
        np.testing.assert_allclose(value.detach().numpy(), expected, rtol=1e-12, atol=1e-15)


def test_a_saved_output_in_high_orders(torch):
    """exp saves its output, which knows its history again in the second walk."""

    class Exp(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, grad_output):
            (y,) = ctx.saved_tensors
            return grad_output * y

    x, _ = two(torch)
    value = Exp.apply(x)
    for _ in range(4):
        (value,) = torch.autograd.grad(value, x, create_graph=True)
        assert value.item() == pytest.approx(np.exp(2.0), rel=1e-15)

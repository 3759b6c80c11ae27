"""gradcheck: what it accepts and rejects beside PyTorch's, and what it says.

The functions are written once, for both frameworks; some are wrong on purpose.
"""

import inspect
import itertools
import warnings

import numpy as np
import pytest
import torch as pytorch

import minigrad
from minigrad import gradcheck, manual_seed, rand
from minigrad.autograd import gradgradcheck
from minigrad.gradcheck import GradcheckError, _Random

FRAMEWORKS = [minigrad, pytorch]
X = np.array([[0.5, -1.25, 2.0], [1.5, -0.75, 0.25]])
W = np.array([[1.0, 2.0, -1.0], [-0.5, 0.25, 3.0], [0.75, -2.0, 1.0]])


def leaf(fw, array):
    return fw.tensor(np.array(array, dtype=np.float64), requires_grad=True)


def function(fw, forward, backward):
    """A Function of one or more tensors: forward(*xs), backward(g, *xs)."""

    class Written(fw.autograd.Function):
        @staticmethod
        def forward(ctx, *xs):
            ctx.save_for_backward(*xs)
            return forward(*xs)

        @staticmethod
        def backward(ctx, *gs):
            return backward(*gs, *ctx.saved_tensors)

    return Written.apply


def verdict(fw, build, arrays, **options):
    inputs = tuple(leaf(fw, a) for a in arrays)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return fw.autograd.gradcheck(build(fw), inputs, **options)
        except RuntimeError:
            return False


def one(forward, backward):
    """A function of X."""
    return lambda fw: function(fw, forward, backward), (X,)


def product(backward):
    """The matrix product X W."""
    return lambda fw: function(fw, lambda x, w: x @ w, backward), (X, W)


def last_row_wrong(g, x):
    grad = g * 2
    grad[-1] = 0
    return grad


RIGHT = {
    "square": one(lambda x: x * x, lambda g, x: g * 2 * x),
    "product": product(lambda g, x, w: (g @ w.T, x.T @ g)),
    "sum": one(lambda x: x.sum(), lambda g, x: g.expand(x.shape)),
    "two outputs": one(lambda x: (x * 2, x * x), lambda a, b, x: a * 2 + b * 2 * x),
    "no gradient where there is none": (
        lambda fw: function(fw, lambda x, w: x * 1 + w * 0, lambda g, x, w: (g, None)),
        (X, X),
    ),
    "a list": (lambda fw: lambda x: [x * 2, x.exp()], (X,)),
    "integers beside": (lambda fw: lambda x: (x * 2, x.argmax()), (X,)),
    "integers alone": (lambda fw: lambda x: x.argmax(), (X,)),
    "a scalar": (lambda fw: lambda x: x.exp(), (np.array(0.5),)),
    "no outputs": (lambda fw: lambda x: x[:0], (X,)),
    "no inputs": (lambda fw: lambda x: x * 2, (np.zeros(0),)),
    "nothing left to sum": (lambda fw: lambda x: x.sum(), (np.zeros(0),)),
    "a NaN that does no harm": (lambda fw: lambda x: x[1:] * 2, (np.array([np.nan, 1.0]),)),
    "digits that cancel": one(lambda x: (x + 1e-3) - x, lambda g, x: g * 0),
    "steep and odd": (lambda fw: lambda x: x + 1e8 * x**3, (np.array([0.0]),)),
    "the same twice": (lambda fw: lambda x, y: (x @ y.T) * (x @ x.T), (X, X)),
    "steep": (lambda fw: lambda x: 1 / x, (np.array([1e-3, 1.0]),)),
    "large": (lambda fw: lambda x: (x * x).sum(), (np.array([1e3, -1e3]),)),
    "layers": (
        lambda fw: lambda x, w: fw.log_softmax(fw.relu(x @ w), dim=1).exp().log(),
        (X, W),
    ),
}

# What PyTorch rejects too ...
WRONG = {
    "factor 2": one(lambda x: x * 3, lambda g, x: g * 6),
    "factor 1.01": one(lambda x: x * 3, lambda g, x: g * 3.03),
    "sign": one(lambda x: x * x, lambda g, x: g * -2 * x),
    "upstream ignored": one(lambda x: x * 2, lambda g, x: x * 0 + 2),
    "transposed": product(lambda g, x, w: (g @ w, x.T @ g)),
    "a missing sum": product(lambda g, x, w: (g @ w.T, x[:1].T @ g[:1])),
    "the last row": one(lambda x: x * 2, last_row_wrong),
    "rows exchanged": one(lambda x: x * 3, lambda g, x: g[[1, 0]] * 3),
    "one element": one(lambda x: x * 2, lambda g, x: g * (2 + (x == 2))),
    "no gradient": product(lambda g, x, w: (None, x.T @ g)),
    "wrong shape": one(lambda x: x * 2, lambda g, x: (g * 2)[:, :2]),
    "history cut": (lambda fw: lambda x: x.detach() * 2, (X,)),
    "history cut in part": (lambda fw: lambda x: x * x.detach(), (X,)),
    "second output forgotten": one(lambda x: (x * 2, x * x), lambda a, b, x: a * 2),
    "not a number": (lambda fw: lambda x: x.log(), (X,)),
}

# ... and what it accepts, though it is wrong.
WRONG_UNNOTICED = {
    "factor 1.001": one(lambda x: x * 3, lambda g, x: g * 3.003),
    "a small one's sign": one(lambda x: x * 1e-6, lambda g, x: g * -1e-6),
    "a small one missing": one(lambda x: x + 1e-6 * x.sum(), lambda g, x: g),
}


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("name", RIGHT)
def test_right_is_accepted_by_both(name, fast_mode):
    assert [verdict(fw, *RIGHT[name], fast_mode=fast_mode) for fw in FRAMEWORKS] == [True, True]


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("name", WRONG)
def test_wrong_is_rejected_by_both(name, fast_mode):
    assert [verdict(fw, *WRONG[name], fast_mode=fast_mode) for fw in FRAMEWORKS] == [False, False]


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("name", WRONG_UNNOTICED)
def test_wrong_is_rejected_though_pytorch_accepts_it(name, fast_mode):
    verdicts = [verdict(fw, *WRONG_UNNOTICED[name], fast_mode=fast_mode) for fw in FRAMEWORKS]
    assert verdicts == [False, True]


@pytest.mark.parametrize("fast_mode", [False, True])
def test_right_is_accepted_though_pytorch_rejects_it(fast_mode):
    """x + 1e8 loses the last digits of x; PyTorch takes what is missing for a mistake."""
    verdicts = [
        verdict(fw, lambda _: lambda x: x + 1e8, (X,), fast_mode=fast_mode) for fw in FRAMEWORKS
    ]
    assert verdicts == [True, False]


def test_tolerances_that_are_given_are_pytorchs():
    build, arrays = WRONG_UNNOTICED["factor 1.001"]
    for fw in FRAMEWORKS:
        assert verdict(fw, build, arrays, atol=1e-5, rtol=2e-3)
        assert not verdict(fw, build, arrays, atol=0.0, rtol=5e-4)
        assert verdict(fw, build, arrays, atol=0.01, rtol=0.0)
    assert verdict(minigrad, *WRONG_UNNOTICED["a small one's sign"], atol=1e-5)


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("forward", [lambda x: x * x, lambda x: (x * x).sum()], ids=["x", "sum"])
def test_one_wrong_sign_in_ten_thousand(forward, fast_mode):
    n = 10_000 if fast_mode or forward(minigrad.ones(2)).ndim == 0 else 300  # n x n derivatives
    sign = minigrad.ones(n, dtype=minigrad.float64)
    sign[n // 3] = -1
    x = leaf(minigrad, np.linspace(-1.7, 2, n))
    f = function(minigrad, forward, lambda g, x: g * 2 * x * sign)
    with pytest.raises(GradcheckError, match=rf"/ d input 0\[{n // 3}\]"):
        gradcheck(f, x, fast_mode=fast_mode)


# That every operation is accepted stands in tests/functions/test_gradients.py.


# ---------------------------------------------------------------- how a function behaves


def test_a_random_function_is_called_random():
    dice = np.random.default_rng(0)
    with pytest.raises(GradcheckError, match=r"not deterministic.*its output 0\[0, 0\] was .* and"):
        gradcheck(lambda x: x * dice.random(), leaf(minigrad, X))


def test_a_function_with_a_state():
    count = itertools.count(1)
    with pytest.raises(GradcheckError, match=r"its output 0 had shape \(1, 3\) and then \(2, 3\)"):
        gradcheck(lambda x: x[: next(count)], leaf(minigrad, X))


def test_a_random_backward():
    dice = np.random.default_rng(0)
    f = function(minigrad, lambda x: x * 2, lambda g, x: g * dice.random())
    with pytest.raises(GradcheckError, match="Backward is not reentrant") as caught:
        gradcheck(f, leaf(minigrad, X))
    assert "matches" not in str(caught.value)  # PyTorch's message claims what was not yet compared
    noisy = function(minigrad, lambda x: x * 2, lambda g, x: g * (2 + 1e-9 * dice.random()))
    assert gradcheck(noisy, leaf(minigrad, X), nondet_tol=1e-8)


def test_a_function_that_changes_its_input():
    x = leaf(minigrad, X)

    def f(x):
        x.data[0, 0] = 7.0
        return x * 2

    with pytest.raises(GradcheckError, match="The function changes input 0 in place"):
        gradcheck(f, x)
    assert (x.detach().numpy() == X).all()


def test_a_backward_that_changes_an_input():
    def backward(g, x):
        x.data += 1
        return g * 2

    x = leaf(minigrad, X)
    with pytest.raises(GradcheckError, match="Backward changes input 0 in place"):
        gradcheck(function(minigrad, lambda x: x * 2, backward), x)
    assert (x.detach().numpy() == X).all()


def test_a_backward_that_changes_grad_output():
    assert verdict(pytorch, *one(lambda x: x * 2, lambda g, x: g.mul_(2)))
    f = function(minigrad, lambda x: x * 2, lambda g, x: g.mul_(2))
    with pytest.raises(GradcheckError, match="WrittenBackward changes grad_output 0 in place"):
        gradcheck(f, leaf(minigrad, X))
    # It is found inside a graph too.
    with pytest.raises(GradcheckError, match="WrittenBackward changes grad_output 0 in place"):
        gradcheck(lambda x: f(x * 3).exp(), leaf(minigrad, X / 8))


def test_a_wrong_dtype_is_found_where_it_is_asked_for():
    f = function(minigrad, lambda x: x * 2, lambda g, x: (g * 2).float())
    assert gradcheck(f, leaf(minigrad, X))
    message = "dtype mismatch: WrittenBackward returns float32 at index 0, for an input of float64"
    with pytest.raises(GradcheckError, match=message):
        gradcheck(f, leaf(minigrad, X), check_grad_dtypes=True)
    # Operations written in NumPy may leave the type to the engine.
    with pytest.warns(UserWarning, match="double precision"):
        assert gradcheck(
            lambda x, y: x * y,
            (leaf(minigrad, X), minigrad.ones(2, 3, requires_grad=True)),
            check_grad_dtypes=True,
        )


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_right_dtypes_and_gradients_of_none(fw):
    arguments = leaf(fw, X), fw.tensor(X), leaf(fw, X)
    f = function(fw, lambda x, y, z: x * y + z.detach(), lambda g, x, y, z: (g * y, None, g))
    assert fw.autograd.gradcheck(f, arguments, check_grad_dtypes=True)


@pytest.mark.parametrize("result", [X, 3, "text"], ids=["array", "number", "text"])
def test_a_function_returns_tensors(result):
    with pytest.raises(TypeError, match="takes a function that returns tensors, not"):
        gradcheck(lambda x: (x * 2, result), leaf(minigrad, X))


def test_a_gradient_that_comes_from_nowhere():
    f = function(minigrad, lambda x: x * 2, lambda g, x: g * 2 + 1)
    with pytest.raises(GradcheckError, match="backward not multiplied by grad_output"):
        gradcheck(f, leaf(minigrad, X))


def of_two_outputs(fw, backward):
    class Two(fw.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, a, b):
            return backward(a, b)

    return Two.apply


def test_an_output_that_nobody_used():
    x = leaf(minigrad, X)
    careless = of_two_outputs(minigrad, lambda a, b: a * 2 + b * 3)
    with pytest.raises(GradcheckError, match=r"handle undefined output grads.*output 0 alone"):
        gradcheck(careless, x)
    wrong = of_two_outputs(minigrad, lambda a, b: None if a is None or b is None else a * 2 + b * 3)
    with pytest.raises(GradcheckError, match=r"output 0 alone that of input 0\[0, 0\] is 0"):
        gradcheck(wrong, x)
    assert gradcheck(careless, x, check_undefined_grad=False)
    careful = of_two_outputs(
        minigrad, lambda a, b: (0 if a is None else a * 2) + (0 if b is None else b * 3)
    )
    assert gradcheck(careful, x)


# ---------------------------------------------------------------- kinks


@pytest.mark.parametrize(
    ("f", "x", "kinks"),
    [
        (lambda fw, x: fw.relu(x), [0.0, 1.0, 0.0], 2),
        (lambda fw, x: fw.relu(x), [1e-7, -1e-7], 2),
        (lambda fw, x: fw.nn.functional.max_pool2d(x, 2), np.zeros((1, 2, 2, 2)), 8),
        (lambda fw, x: fw.relu(x) * (5 * x).exp(), [0.0], 1),
        (lambda fw, x: fw.relu(x) - (50 * x).exp(), [0.0], 1),
        (lambda fw, x: x % 1, [2.0, 0.5], 1),
    ],
    ids=["relu", "beside a kink", "max-pool", "curved", "curved down", "jump"],
)
@pytest.mark.parametrize("fast_mode", [False, True])
def test_kinks_are_skipped_and_counted(f, x, kinks, fast_mode):
    # PyTorch reports a mismatch here.
    assert not verdict(pytorch, lambda fw: lambda x: f(fw, x), (x,))
    with pytest.warns(UserWarning, match=rf"Not compared, of \d+ derivatives: {kinks} on a kink"):
        assert gradcheck(lambda x: f(minigrad, x), leaf(minigrad, x), fast_mode=fast_mode)


def test_no_kink_is_seen_where_the_value_is_in_the_middle_or_the_step_does_not_reach():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gradcheck(abs, leaf(minigrad, [0.0, 1.0]))
        assert gradcheck(minigrad.relu, leaf(minigrad, [1e-5, 9e-7, -9e-7]))


def test_a_curve_is_no_kink():
    """The slopes to the left and right of 1/x differ by 2 %, and a wrong one lies between them."""
    x = leaf(minigrad, [1e-4, 1.0])
    assert gradcheck(function(minigrad, lambda x: 1 / x, lambda g, x: -g / x / x), x)
    with pytest.raises(GradcheckError):
        gradcheck(function(minigrad, lambda x: 1 / x, lambda g, x: -g / x / x * 1.00005), x)


def test_a_kink_that_a_shorter_step_does_not_reach_excuses_nothing():
    f = function(minigrad, minigrad.relu, lambda g, x: g * 0.999)
    with pytest.raises(GradcheckError, match="numerical:  1 "):
        gradcheck(f, leaf(minigrad, [9e-7]))


@pytest.mark.parametrize("value", [-0.01, 1.01, 2.0])
def test_a_value_outside_both_slopes_is_wrong(value):
    f = function(minigrad, minigrad.relu, lambda g, x: g * ((x > 0) + (x == 0) * value))
    with pytest.raises(GradcheckError, match=r"numerical:  0 to the left and 1 to the right"):
        gradcheck(f, leaf(minigrad, [0.0, 1.0]))


@pytest.mark.parametrize("value", [-7.0, 0.0])
def test_beside_a_jump_there_is_one_slope(value):
    f = function(minigrad, lambda x: x % 1, lambda g, x: g * value)
    with pytest.raises(GradcheckError, match="numerical:  1 beside this jump"):
        gradcheck(f, leaf(minigrad, [2.0]))


def test_the_edge_of_where_a_function_is_defined():
    with pytest.warns(UserWarning, match="1 where the function is not finite one step away"):
        assert gradcheck(minigrad.log, leaf(minigrad, [1e-7, 1.0]))


# ---------------------------------------------------------------- arguments


@pytest.mark.parametrize("name", ["gradcheck", "gradgradcheck"])
def test_the_signature_is_pytorchs(name):
    ours, theirs = (inspect.signature(getattr(fw.autograd, name)).parameters for fw in FRAMEWORKS)
    assert [(p.name, p.kind, p.default) for p in ours.values()] == [
        (p.name, p.kind, p.default) for p in theirs.values()
    ]


def test_the_name_in_the_package_is_the_function():
    import minigrad.gradcheck

    assert minigrad.gradcheck is minigrad.autograd.gradcheck
    assert minigrad.gradcheck(lambda x: x * 2, (leaf(minigrad, X),))


def test_a_tensor_must_require_a_gradient(same_error):
    same_error(lambda torch: torch.autograd.gradcheck(lambda x: x, torch.ones(2)))


def test_a_repeated_element_is_refused(same_error):
    same_error(
        lambda torch: torch.autograd.gradcheck(
            lambda x: x, torch.ones(1, dtype=torch.float64).expand(3).requires_grad_()
        )
    )


def test_backward_is_all_there_is(same_error):
    same_error(
        lambda torch: torch.autograd.gradcheck(
            lambda x: x, torch.ones(2, requires_grad=True), check_backward_ad=False
        )
    )
    same_error(
        lambda torch: torch.autograd.gradgradcheck(
            lambda x: x, torch.ones(2, requires_grad=True), check_rev_over_rev=False
        )
    )


@pytest.mark.parametrize(
    ("check", "option"),
    [
        (gradcheck, "check_batched_grad"),
        (gradcheck, "check_batched_forward_grad"),
        (gradcheck, "check_forward_ad"),
        (gradcheck, "masked"),
        (gradgradcheck, "check_batched_grad"),
        (gradgradcheck, "check_fwd_over_rev"),
        (gradgradcheck, "masked"),
    ],
)
def test_what_is_lacking_is_named(check, option):
    with pytest.raises(NotImplementedError, match=f"has no {option}=True"):
        check(lambda x: x * 2, leaf(minigrad, X), **{option: True})


def test_float32_is_warned_of_in_pytorchs_words():
    texts = []
    for fw in FRAMEWORKS:
        x = fw.ones(2, requires_grad=True)
        with pytest.warns(UserWarning, match="double precision") as caught:
            fw.autograd.gradcheck(lambda x: x * x, x, raise_exception=False)
        texts.append([str(w.message) for w in caught])
    assert texts[0] == texts[1]


@pytest.mark.filterwarnings("ignore:Input #0 requires gradient and is not a double")
def test_float32_is_checked_as_well_as_it_can_be():
    x = minigrad.tensor([0.5, 1.25, -2.0], requires_grad=True)
    for factor in (1.0, 1.001):
        f = function(minigrad, lambda x: x * x * x, lambda g, x, k=factor: g * 3 * x * x * k)
        assert gradcheck(f, x, raise_exception=False) == (factor == 1)


def test_other_arguments_are_passed_on_and_not_checked():
    x, w = leaf(minigrad, X), minigrad.ones(3, dtype=minigrad.float64)
    assert gradcheck(lambda x, w, i, name: x * w + i, (x, w, minigrad.tensor(3), "name"))


def test_inputs_may_be_parameters_that_the_function_knows():
    layer = minigrad.nn.Linear(3, 2).to(minigrad.float64)
    x = minigrad.tensor(X)
    assert gradcheck(lambda *_: layer(x).exp(), tuple(layer.parameters()))


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda a: a[::-1], lambda a: a[:, ::2]])
def test_any_layout_of_the_input(layout):
    x = minigrad.from_numpy(layout(X)).requires_grad_()
    before = x.detach().numpy().copy()
    assert gradcheck(lambda x: x @ x.T, x)
    assert (x.detach().numpy() == before).all()


def test_nothing_is_left_behind():
    manual_seed(0)
    expected = [rand(1).item(), rand(1).item()]
    manual_seed(0)
    numbers = [rand(1).item()]
    x = leaf(minigrad, X)
    x.grad = minigrad.ones_like(x)
    memory = x.detach().numpy()
    y = x * 2
    with minigrad.no_grad():
        assert gradcheck(minigrad.exp, x, fast_mode=True)
        assert gradgradcheck(minigrad.exp, y)
        assert not minigrad.is_grad_enabled()
    y.sum().backward()  # its graph is still there
    assert x.grad.sum().item() == X.size + 2 * X.size
    x.data[0, 0] = 3.0
    assert memory[0, 0] == 3.0  # the same memory as before
    assert [*numbers, rand(1).item()] == expected


def test_the_graphs_are_left_as_they_were():
    """The one that is checked, of which others may know, and the one that the input came from."""
    graphs = []

    def f(x):
        graphs.append(x.exp())
        return graphs[-1]

    x = function(minigrad, lambda x: x * 2, lambda g, x: g.mul_(2))(leaf(minigrad, X))
    assert gradcheck(f, x)
    assert all("run" not in vars(y.grad_fn) for y in graphs)


def test_a_tensor_that_is_given_twice():
    x = leaf(minigrad, X)
    memory = x.detach().numpy()
    for fast_mode in (False, True):
        assert gradcheck(lambda a, b: a * b.exp(), (x, x), fast_mode=fast_mode)
    x.data[0, 0] = 3.0
    assert memory[0, 0] == 3.0


def test_an_empty_input():
    assert gradcheck(lambda x: x * 2, leaf(minigrad, np.zeros((2, 0))))
    assert gradcheck(lambda x: x.mean(), leaf(minigrad, np.zeros(0)))  # NaN, whatever the inputs


def test_random_numbers_hide_nothing():
    numbers = _Random()(1000)
    assert (np.abs(numbers) >= 0.5).all()
    assert (np.abs(numbers) <= 1.5).all()
    assert 400 < (numbers < 0).sum() < 600


def test_the_same_check_says_the_same():
    x, f = leaf(minigrad, X), function(minigrad, lambda x: x * 3, lambda g, x: g * 4)
    texts = set()
    for _ in range(2):
        with pytest.raises(GradcheckError) as caught:
            gradcheck(f, x, fast_mode=True)
        texts.add(str(caught.value))
    assert len(texts) == 1


# ---------------------------------------------------------------- second derivatives


def test_second_derivatives():
    x = leaf(minigrad, X)
    assert gradgradcheck(lambda x: x.exp() * x, x)
    assert gradgradcheck(lambda x: x.exp() * x, x, minigrad.ones_like(x), fast_mode=True)
    assert gradgradcheck(
        lambda x, w: x @ w, (x, leaf(minigrad, W)), gen_non_contig_grad_outputs=True
    )


def test_second_derivatives_where_an_input_is_not_used():
    assert gradgradcheck(lambda x, w: x * x, (leaf(minigrad, X), leaf(minigrad, W)))


@pytest.mark.parametrize(
    "backward",
    [lambda g, x: g * 3 * x.detach() * x, lambda g, x: g.detach() * 3 * x * x],
    ids=["by the input", "by the upstream"],
)
@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_a_right_gradient_with_a_wrong_second_derivative(fw, backward):
    cube = function(fw, lambda x: x**3, backward)
    assert fw.autograd.gradcheck(cube, leaf(fw, X))
    assert not fw.autograd.gradgradcheck(cube, leaf(fw, X), raise_exception=False)


# ---------------------------------------------------------------- what is said


def report(build, arrays, **options):
    with pytest.raises(GradcheckError) as caught:
        gradcheck(build(minigrad), tuple(leaf(minigrad, a) for a in arrays), **options)
    return str(caught.value)


def test_the_report_on_a_factor():
    assert report(*one(lambda x: x * 3, lambda g, x: g * 6)) == (
        "Jacobian mismatch for output 0 with respect to input 0,\n"
        "6 of 36 derivatives are wrong. The worst is\n"
        "  d output 0[0, 0] / d input 0[0, 0]\n"
        "  analytical: 6 (by backward)\n"
        "  numerical:  3 (by differences)\n"
        "  absolute error 3, relative error 1; allowed 3e-06\n"
        "Every analytical value is 2 times the numerical one."
    )


def test_the_report_on_a_sign_and_a_second_input():
    text = report(
        lambda fw: function(fw, lambda x, w: x * w, lambda g, x, w: (-g * w, g * x * (x != 2))),
        ([1.0, 2.0], [4.0, 3.0]),
    )
    assert text == (
        "Jacobian mismatch for output 0 with respect to input 0,\n"
        "2 of 4 derivatives are wrong. The worst is\n"
        "  d output 0[0] / d input 0[0]\n"
        "  analytical: -4 (by backward)\n"
        "  numerical:  4 (by differences)\n"
        "  absolute error 8, relative error 2; allowed 4e-06\n"
        "Every analytical value is the numerical one with the opposite sign.\n"
        "Also wrong: output 0 with respect to input 1, 1 of 4."
    )


def test_the_report_on_what_is_no_number():
    f = function(minigrad, lambda x: x * 2, lambda g, x: g * np.nan)
    text = report(lambda fw: f, (0.5,))
    assert "  analytical: nan (by backward)\n  numerical:  2 (by differences)\n" in text
    assert "Every" not in text  # there is one only


def test_one_factor_is_no_pattern():
    assert "Every" not in report(*one(lambda x: x.sum(), lambda g, x: g * 2 * (x == 2)))
    text = report(lambda fw: function(fw, lambda x: x * 2, lambda g, x: g * 4), (0.5,))
    assert text.endswith("absolute error 2, relative error 1; allowed 2e-06")


def test_the_report_on_a_kink():
    f = function(minigrad, minigrad.relu, lambda g, x: g * ((x > 0) + (x == 0) * (2 - g * 0)))
    assert report(lambda fw: f, ([0.0, 1.0],)) == (
        "Jacobian mismatch for output 0 with respect to input 0,\n"
        "1 of 4 derivatives are wrong. The worst is\n"
        "  d output 0[0] / d input 0[0]\n"
        "  analytical: 2 (by backward)\n"
        "  numerical:  0 to the left and 1 to the right of this kink; any value between them would "
        "be right"
    )


def test_the_report_in_fast_mode_and_with_what_was_skipped():
    f = function(minigrad, minigrad.relu, lambda g, x: g * ((x > 0) + (x == 2) * 0.5))
    text = report(lambda fw: f, ([0.0, 1.0, 2.0, 3.0],), fast_mode=True)
    assert text == (
        "Jacobian mismatch for output 0 with respect to input 0,\n"
        "1 of 8 derivatives are wrong. The worst is\n"
        "  d output 0[2] / d input 0[2]\n"
        "  analytical: 1.5 (by backward)\n"
        "  numerical:  1 (by differences)\n"
        "  absolute error 0.5, relative error 0.5; allowed 1e-06\n"
        "Fast mode: the derivatives by 2 of 4 input elements were looked at.\n"
        "Not compared, of 8 derivatives: 1 on a kink (the value of backward lies between the "
        "slopes on both sides)."
    )


def test_the_report_on_a_cut_history():
    text = report(lambda fw: lambda x: x.detach() * 2, (X,))
    assert text.startswith("Numerical gradient for function expected to be zero, since no output ")
    assert "Every analytical value is 0." in text

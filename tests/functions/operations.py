"""The differentiable operations: one record each, from which all tests of gradients come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from .draws import Draw, Numbers, broadcastable, dim, dims, factors, index, seeds, shapes
from .twins import Case

INF, NAN = np.inf, np.nan


@dataclass(frozen=True)
class Operation:
    """An operation, the arguments it takes, and what must not be forgotten."""

    call: Callable[..., Any]  # of the framework, the inputs and the options
    arguments: Callable[[Draw, Numbers], tuple[tuple[np.ndarray, ...], dict[str, Any]]]
    samples: dict[str, Case] = field(default_factory=dict)  # forced features, by name
    differences: bool = True  # False: PyTorch's gradient is by convention not the derivative
    strided: bool = True  # False: takes inputs of one memory layout only

    def cases(self, *kinds: str) -> st.SearchStrategy[Case]:
        @st.composite
        def case(draw: Draw) -> Case:
            numbers = Numbers(draw(st.sampled_from(kinds)), draw(seeds))
            inputs, options = self.arguments(draw, numbers)
            return Case(tuple(np.asarray(x) for x in inputs), options, draw(seeds))

        return case()


OPERATIONS: dict[str, Operation] = {}


def operation(name: str, call: Any, arguments: Any, samples: Any = None, **flags: bool) -> None:
    OPERATIONS[name] = Operation(call, arguments, samples or {}, **flags)


def case(*inputs: Any, **options: Any) -> Case:
    return Case(tuple(np.array(x, dtype=np.float64) for x in inputs), options)


# ---------------------------------------------------------------- one input, element by element


def one(draw, numbers):
    return (numbers(draw(shapes())),), {}


def one_positive(draw, numbers):
    return (numbers.positive(draw(shapes())),), {}


SPECIAL = [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN]
special = {"special values": case(SPECIAL)}

operation("neg", lambda fw, x: -x, one, special)
operation("pos", lambda fw, x: +x, one, special)
operation("abs", lambda fw, x: abs(x), one, special)
operation("exp", lambda fw, x: fw.exp(x), one, special)
operation("log", lambda fw, x: fw.log(x), one_positive, special)
operation("sqrt", lambda fw, x: fw.sqrt(x), one_positive, special)
operation("relu", lambda fw, x: fw.relu(x), one, special)
operation("clone", lambda fw, x: x.clone(), one)
operation("contiguous", lambda fw, x: x.contiguous(), one)
operation("x + x * x", lambda fw, x: x + x * x, one)
operation("to float32", lambda fw, x: x.to(fw.float32), one, differences=False)
operation("to and back", lambda fw, x: x.float().type(fw.DoubleTensor), one, differences=False)
operation("type_as", lambda fw, x: (x * x).type_as(x), one)
for number in (0, 1, 2, 3, -1, -1.5):
    operation(f"x ** {number}", lambda fw, x, p=number: x**p, one_positive, special)
operation("x ** 0.5", lambda fw, x: x**0.5, one_positive, {"special": case([0, 1, -1, INF, NAN])})
operation("2 ** x", lambda fw, x: 2**x, one, special)
operation("0 ** x", lambda fw, x: 0**x, one_positive, special)
operation("2 + x", lambda fw, x: 2 + x, one)
operation("x - 2.5", lambda fw, x: x - 2.5, one)
operation("2 - x", lambda fw, x: 2 - x, one)
operation("x * True", lambda fw, x: x * True, one)
operation("3 / x", lambda fw, x: 3 / x, one_positive, special)
operation("x / 3", lambda fw, x: x / 3, one, special)

# ---------------------------------------------------------------- two inputs, broadcast


def two(draw, numbers):
    return tuple(numbers(shape) for shape in broadcastable(draw, 2)), {}


def positive_and_any(draw, numbers):
    a, b = broadcastable(draw, 2)
    return (numbers.positive(a), numbers(b)), {}


def scaled(draw, numbers):
    inputs, options = two(draw, numbers)
    return inputs, options | {"alpha": draw(st.sampled_from([2, -0.5, 0]))}


def quotient(draw, numbers):
    """A dividend that no small step brings to a multiple of the divisor."""
    if not numbers.distinct:
        return two(draw, numbers)
    shape = draw(shapes())
    divisor = numbers.uniform(0.5, 2.0, shape) * (1 - 2 * numbers.mask(shape))
    whole, part = numbers.integers(-3, 4, shape), numbers.uniform(0.2, 0.8, shape)
    return (divisor * (whole + part), divisor), {}


def rounded(draw, numbers):
    inputs, _ = quotient(draw, numbers)
    return inputs, {"rounding_mode": draw(st.sampled_from(["floor", "trunc"]))}


pairs = np.meshgrid(SPECIAL, SPECIAL)
specials = {"special values": case(*pairs)}
finite = {"signs": case([3.5, -3.5, 3.5, -3.5, 0.0, 1.0], [2.0, 2.0, -2.0, -2.0, 2.0, 0.0])}

operation("add", lambda fw, x, y: x + y, two, specials)
operation("add alpha", lambda fw, x, y, alpha: fw.add(x, y, alpha=alpha), scaled)
operation("sub", lambda fw, x, y: x - y, two, specials)
operation("sub alpha", lambda fw, x, y, alpha: x.sub(y, alpha=alpha), scaled)
operation("mul", lambda fw, x, y: x * y, two, specials)
operation("div", lambda fw, x, y: x / y, two, specials)
operation("div rounded", lambda fw, x, y, **o: fw.div(x, y, **o), rounded)
operation("remainder", lambda fw, x, y: x % y, quotient, finite)
operation("pow", lambda fw, x, y: x**y, positive_and_any, specials)


def where(draw, numbers):
    c, a, b = broadcastable(draw, 3)
    return (numbers(a), numbers(b)), {"condition": numbers.mask(c)}


def where_one(draw, numbers):
    inputs, options = where(draw, numbers)
    return inputs[:1], options


operation("where", lambda fw, x, y, condition: fw.where(condition, x, y), where)
operation("where number", lambda fw, x, condition: fw.where(condition, x, 0.0), where_one)
operation("where of a loss", lambda fw, x, y: fw.where(x > 0, x * y, y), two)

# ---------------------------------------------------------------- products


def matmul(draw, numbers):
    n, m, p = (draw(st.integers(0, 3)) for _ in range(3))
    batches = broadcastable(draw, 2, max_dims=2)
    left = draw(st.sampled_from([(m,), (n, m), (*batches[0], n, m)]))
    right = draw(st.sampled_from([(m,), (m, p), (*batches[1], m, p)]))
    return (numbers(left), numbers(right)), {}


def ones(*shape):
    return np.ones(shape)


def linear(draw, numbers):
    n_in, n_out = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    lead = draw(shapes(0, 2, 0, 3))
    bias = [numbers((n_out,))] if draw(st.booleans()) else []
    return (numbers((*lead, n_in)), numbers((n_out, n_in)), *bias), {}


operation("matmul", lambda fw, x, y: x @ y, matmul)
operation(
    "linear",
    lambda fw, x, w, b=None: fw.nn.functional.linear(x, w, b),
    linear,
    {"no rows": case(ones(0, 3), ones(2, 3), ones(2)), "a vector": case(ones(3), ones(2, 3))},
)


def conv2d(draw, numbers):
    def pair(low, high):
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    kernel, dilation = pair(1, 3), pair(1, 2)
    padding = draw(st.sampled_from(["same", "valid", 0, pair(0, 2)]))
    stride = (1, 1) if padding == "same" else pair(1, 3)
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    image = tuple(r + draw(st.integers(0, 3)) for r in reach)
    c, o = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    batch = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    bias = [numbers((o,))] if draw(st.booleans()) else []
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    return (numbers((*batch, c, *image)), numbers((o, c, *kernel)), *bias), options


def arange(*shape):
    return np.arange(np.prod(shape)).reshape(shape) % 7 - 3.0


x44, w22, w33 = arange(2, 2, 4, 4), arange(3, 2, 2, 2), arange(3, 2, 3, 3)
operation(
    "conv2d",
    lambda fw, x, w, b=None, **o: fw.nn.functional.conv2d(x, w, b, **o),
    conv2d,
    {
        "same, even kernel": case(x44, w22, padding="same"),
        "same, even kernel, dilation 2": case(x44, w22, padding="same", dilation=2),
        "same, even kernel, dilation 3": case(x44, w22, padding="same", dilation=(3, 1)),
        "stride leaves a remainder": case(x44, w33, [1.0, 2.0, 3.0], stride=2),
        "unbatched": case(x44[0], w33, padding=1),
        "batch of none": case(x44[:0], w33, [1.0, 2.0, 3.0]),
        "batch of one": case(x44[:1], w33),
        "kernel as large as the image": case(x44, arange(1, 2, 4, 4)),
        "1 x 1 kernel": case(x44, arange(3, 2, 1, 1)),
    },
)

# ---------------------------------------------------------------- layers


def max_pool2d(draw, numbers):
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    stride = draw(st.none() | st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3)))
    image = tuple(k + draw(st.integers(0, 4)) for k in kernel)
    batch = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    x = numbers((*batch, draw(st.integers(1, 2)), *image))
    return (x,), {"kernel_size": kernel, "stride": stride}


def image(*rows):
    return np.array(rows, dtype=float)[None, None]


operation(
    "max_pool2d",
    lambda fw, x, **o: fw.nn.functional.max_pool2d(x, **o),
    max_pool2d,
    {
        "all equal, overlapping": case(ones(1, 1, 3, 3), kernel_size=2, stride=1),
        "zeros of both signs": case(image([-0.0, 0.0], [0.0, -0.0]), kernel_size=2),
        "the last NaN wins": case(image([NAN, 1], [5, NAN]), kernel_size=2),
        "NaN beats infinity": case(image([INF, NAN], [1, INF]), kernel_size=2),
        "nothing but -inf": case(np.full((1, 1, 2, 2), -INF), kernel_size=2),
        "remainder": case(arange(2, 3, 5, 7), kernel_size=2),
        "gaps": case(arange(1, 1, 7, 7), kernel_size=2, stride=3),
        "unbatched": case(arange(2, 4, 4), kernel_size=2),
        "batch of none": case(arange(0, 1, 4, 4), kernel_size=2),
    },
)


def log_softmax(draw, numbers):
    shape = draw(shapes(0, 3, 0, 4))
    scale = draw(st.sampled_from([1.0, 1.0, 30.0])) if not numbers.distinct else 1.0
    return (numbers(shape) * scale,), {"dim": dim(draw, len(shape))}


def logits(*rows):
    return case(np.array(rows, dtype=float), dim=1)


operation(
    "log_softmax",
    lambda fw, x, dim: fw.nn.functional.log_softmax(x, dim),
    log_softmax,
    {
        "huge logits": logits([1e4, 0, -1e4], [1e308, -1e308, 0]),
        "-inf is probability 0": logits([-INF, 0, 1], [1, 2, 3]),
        "nothing but -inf": logits([-INF, -INF], [1, 2]),
        "inf and NaN spoil their row": logits([INF, 0], [NAN, 1], [1, 2]),
        "one class": logits([3.0], [-1.0]),
        "no rows": case(ones(0, 3), dim=1),
        "no classes": case(ones(2, 0), dim=1),
        "a number": case(2.0, dim=0),
    },
)


def nll_loss(draw, numbers):
    n, c, rest = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(shapes(0, 2, 1, 3))
    batched = draw(st.integers(0, 3)) > 0
    x = numbers((n, c, *rest) if batched else (c,))
    target = numbers.integers(0, c, (n, *rest) if batched else ())
    options = {"reduction": draw(st.sampled_from(["none", "mean", "sum"]))}
    if draw(st.booleans()):
        options["weight"] = numbers.uniform(0.1, 2.0, (c,))
    if draw(st.booleans()):
        options["ignore_index"] = draw(st.integers(0, c - 1))
        if draw(st.booleans()):
            options["ignore_index"] = -1
            target = np.where(numbers.mask(target.shape), -1, target)
    if numbers.distinct:  # the mean of nothing is NaN: see the samples
        options["ignore_index"] = -100
        target = np.asarray(np.maximum(target, 0))
    return (x,), options | {"target": target}


two_rows, one_is_inf = [[-0.1, -2.0, -3.0], [-1.0, -0.5, -4.0]], [[-INF, 0.0], [0.0, -INF]]
operation(
    "nll_loss",
    lambda fw, x, target, **o: fw.nn.functional.nll_loss(x, target, **o),
    nll_loss,
    {
        "bytes": case(two_rows, target=np.array([2, 0], np.uint8)),
        "bytes, one ignored": case(two_rows, target=np.array([2, 0], np.uint8), ignore_index=2),
        "mean of nothing": case(ones(0, 3), target=np.zeros(0, np.int64)),
        "sum of nothing": case(ones(0, 3), target=np.zeros(0, np.int64), reduction="sum"),
        "all ignored": case(two_rows, target=np.array([-100, -100])),
        "all weights 0": case(two_rows, target=np.array([0, 0]), weight=np.array([0.0, 1, 1])),
        "infinite loss": case(one_is_inf, target=np.array([0, 0]), reduction="none"),
        "infinite, but weight 0": case(
            one_is_inf, target=np.array([0, 0]), weight=np.array([0.0, 1.0]), reduction="none"
        ),
        "one row, none": case([-1.0, -2.0], target=np.array(1), reduction="none"),
    },
)

# ---------------------------------------------------------------- reductions


def reduced(draw, numbers):
    x = numbers(draw(shapes()))
    return (x,), {"dim": dims(draw, x.ndim), "keepdim": draw(st.booleans())}


def not_empty(draw, numbers):
    return (numbers(draw(shapes(min_side=1))),), {}


def along_one(draw, numbers):
    x = numbers(draw(shapes(min_side=1)))
    return (x,), {"dim": dim(draw, x.ndim), "keepdim": draw(st.booleans())}


def smaller(draw, numbers):
    x = numbers(draw(shapes()))
    shape = tuple(1 if draw(st.booleans()) else n for n in x.shape)
    return (x,), {"size": shape[draw(st.integers(0, len(shape))) :] if 0 not in shape else shape}


ties = {"ties": case([[3.0, 3.0, 1.0], [2.0, 3.0, 3.0]]), "NaN": case([[1.0, NAN], [NAN, INF]])}
ties_along = {name: Case(c.inputs, {"dim": 1, "keepdim": False}) for name, c in ties.items()} | {
    "zeros of both signs": case([[0.0, -0.0], [-0.0, 0.0]], dim=1)
}

operation("sum", lambda fw, x, **o: fw.sum(x, **o), reduced)
operation("sum of all", lambda fw, x: x.sum(), one)
operation("sum axis=", lambda fw, x, dim, keepdim: x.sum(axis=dim, keepdims=keepdim), reduced)
operation("sum dtype=", lambda fw, x: x.sum(dtype=fw.float32), one, differences=False)
operation("mean", lambda fw, x, **o: x.mean(**o), reduced)
operation("max", lambda fw, x: x.max(), not_empty, ties)
operation("min", lambda fw, x: fw.min(x), not_empty, ties)
operation("max along", lambda fw, x, **o: tuple(fw.max(x, **o)), along_one, ties_along)
operation("min along", lambda fw, x, **o: tuple(x.min(**o)), along_one, ties_along)
operation("sum_to_size", lambda fw, x, size: x.sum_to_size(size), smaller)

# ---------------------------------------------------------------- shapes


def split(draw, numbers):
    x = numbers(draw(shapes()))
    return (x,), {"shape": factors(draw, x.size)}


def flattened(draw, numbers):
    x = numbers(draw(shapes()))
    start, end = sorted(draw(st.integers(0, max(x.ndim, 1) - 1)) for _ in range(2))
    return (x,), {"start": start, "end": end - max(x.ndim, 1)}


def one_split(draw, numbers):
    x = numbers(draw(shapes(1, 3, 1, 6)))
    axis = dim(draw, x.ndim)
    return (x,), {"dim": axis, "sizes": factors(draw, x.shape[axis]) or (1,)}


def two_axes(draw, numbers):
    x = numbers(draw(shapes()))
    return (x,), {"a": dim(draw, x.ndim), "b": dim(draw, x.ndim)}


def reordered(draw, numbers):
    x = numbers(draw(shapes()))
    order = draw(st.permutations(range(x.ndim)))
    return (x,), {"order": tuple(a - x.ndim if draw(st.booleans()) else a for a in order)}


def squeezed(draw, numbers):
    x = numbers(draw(shapes(max_side=2)))
    return (x,), {"dim": dims(draw, x.ndim)}


def unsqueezed(draw, numbers):
    x = numbers(draw(shapes()))
    return (x,), {"dim": draw(st.integers(-x.ndim - 1, x.ndim))}


def expanded(draw, numbers):
    x = numbers(draw(shapes(max_side=2)))
    lead = draw(shapes(0, 2, 0, 2))
    sizes = [draw(st.integers(0, 3)) if n == 1 else draw(st.sampled_from([n, -1])) for n in x.shape]
    return (x,), {"sizes": (*lead, *sizes)}


def several(draw, numbers):
    shape = list(draw(shapes(1, 3, 0, 3)))
    axis = dim(draw, len(shape))
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    inputs = []
    for length in lengths:
        shape[axis] = length
        inputs.append(numbers(tuple(shape)))
    return tuple(inputs), {"dim": axis}


def alike(draw, numbers):
    shape = draw(shapes())
    count = draw(st.integers(1, 3))
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    return tuple(numbers(shape) for _ in range(count)), {"dim": axis}


def matrix(draw, numbers):
    return (numbers(draw(shapes(2, 2))),), {}


def matrices(draw, numbers):
    return (numbers(draw(shapes(2, 4, 0, 3))),), {}


def up_to_2d(draw, numbers):
    return (numbers(draw(shapes(0, 2))),), {}


operation("view", lambda fw, x, shape: x.view(shape), split, strided=False)
operation("view_as", lambda fw, x: x.view_as(x.detach()), one)
operation("reshape", lambda fw, x, shape: fw.reshape(x, shape), split)
operation("flatten", lambda fw, x, start, end: fw.flatten(x, start, end), flattened)
operation("unflatten", lambda fw, x, dim, sizes: x.unflatten(dim, sizes), one_split)
operation("transpose", lambda fw, x, a, b: x.transpose(a, b), two_axes)
operation("permute", lambda fw, x, order: x.permute(order), reordered)
operation("permute a tuple", lambda fw, x, order: fw.permute(x, order), reordered)
operation("t", lambda fw, x: x.t(), up_to_2d)
operation("T", lambda fw, x: x.T, matrix)
operation("mT", lambda fw, x: x.mT, matrices)
operation("squeeze all", lambda fw, x: x.squeeze(), one)
operation("squeeze", lambda fw, x, dim: x.squeeze() if dim is None else x.squeeze(dim), squeezed)
operation("unsqueeze", lambda fw, x, dim: fw.unsqueeze(x, dim), unsqueezed)
operation("expand", lambda fw, x, sizes: x.expand(sizes), expanded)
operation("cat", lambda fw, *xs, dim: fw.cat(xs, dim), several)
operation("stack", lambda fw, *xs, dim: fw.stack(xs, dim), alike)
operation("cat with itself", lambda fw, x: fw.cat([x, x * 2, x]), matrix)

# ---------------------------------------------------------------- indexing and changes in place


def indexed(draw, numbers):
    x = numbers(draw(shapes(1, 4, 0, 3)))
    return (x,), {"index": index(draw, numbers, x.shape)}


def with_rows(draw, numbers):
    return (numbers(draw(shapes(1, 3, 1, 3))),), {}


def masked(draw, numbers):
    x = numbers(draw(shapes(1, 3, 0, 3)))
    lead = draw(st.integers(1, x.ndim))
    return (x,), {"mask": numbers.mask(x.shape[:lead])}


def assigned(draw, numbers):
    (x,), options = indexed(draw, numbers)
    value = numbers(draw(st.sampled_from([(), (1,)])))
    return (x, value), options


def along(draw, numbers):
    x = numbers(draw(shapes(1, 3, 1, 3)))
    axis = draw(st.integers(0, x.ndim - 1))
    shape = list(x.shape)
    shape[axis] = draw(st.integers(0, 4))
    return (x,), {"indices": numbers.integers(0, x.shape[axis], tuple(shape)), "dim": axis}


def assign(fw, x, value, index):
    y = x * 2
    y[index] = value
    return y * y


def assign_number(fw, x, index):
    y = x * 2
    y[index] = 3
    return y * x


def chain_in_place(fw, x, y):
    z = x * 1
    z += y
    z -= 2
    z *= 3
    z /= 4
    z.add_(y, alpha=2).mul_(x.detach())
    return z


def same_shape(draw, numbers):
    x = numbers(draw(shapes()))
    return (x, numbers(x.shape)), {}


def copied(fw, x, y):
    z = x * 1
    z.copy_(y)
    return z * x


def filled(fw, x):
    z = x * 1
    z.fill_(2)
    w = x * 1
    w.zero_()
    return z * x + w


threes = arange(2, 3, 4)
operation(
    "getitem",
    lambda fw, x, index: x[index],
    indexed,
    {
        "a number": case(threes, index=1),
        "negative": case(threes, index=(-1, -2)),
        "a row named twice": case(threes, index=np.array([1, 1, 0])),
        "a list": case(threes, index=[0, 0]),
        "number, slice, tensor": case(threes, index=(0, slice(None), np.array([1, 0]))),
        "tensor, slice, tensor": case(
            threes, index=(np.array([0, 1]), slice(None), np.array([1, 0]))
        ),
        "tensor, number": case(threes, index=(np.array([0, 1]), 2)),
        "number, tensor, slice": case(threes, index=(1, np.array([0, 2]), slice(1, None))),
        "tensors broadcast": case(threes, index=(np.array([[0], [1]]), np.array([0, 2, 1]))),
        "bytes are a mask": case(threes, index=np.array([1, 0], np.uint8)),
        "small integers": case(threes, index=np.array([1, 0], np.int32)),
        "True": case(threes, index=True),
        "False": case(threes, index=False),
        "None": case(threes, index=None),
        "...": case(threes, index=(..., 1)),
        "list of bools": case(threes, index=[True, False]),
        "an empty list": case(threes, index=[]),
        "a range": case(threes, index=range(2)),
        "a number of a number": case(2.0, index=()),
        "mask of a number": case(2.0, index=np.array(True)),
    },
)
operation("getitem mask", lambda fw, x, mask: x[mask], masked)
operation("iterate", lambda fw, x: fw.stack([row * k for k, row in enumerate(x)]), with_rows)
operation("setitem", assign, assigned, differences=False)
operation("setitem number", assign_number, indexed)
operation("take_along_dim", lambda fw, x, indices, dim: fw.take_along_dim(x, indices, dim), along)
operation("+= -= *= /=", chain_in_place, same_shape, differences=False)
operation("copy_", copied, same_shape)
operation("fill_ zero_", filled, one)

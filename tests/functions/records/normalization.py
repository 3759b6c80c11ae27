"""Batch normalisation and dropout. Their state over several batches: tests/nn."""

import torch
from hypothesis import strategies as st

from ..draws import shapes
from .record import Wrong, case, ones, operation


def normalized(draw, numbers, least):
    c, rest = draw(st.integers(1, 3)), draw(shapes(0, 2, 1, 3))
    x = numbers((draw(st.integers(least, 4)), c, *rest))
    return x, c, {"eps": draw(st.sampled_from([1e-5, 0.1]))}


def trained(draw, numbers):
    x, c, options = normalized(draw, numbers, 2)
    if not numbers.distinct:  # no two values alike would be a derivative of 1 / sqrt(eps)
        options["eps"] = 0.1
    return (x, numbers((c,)), numbers((c,))), options


def evaluated(draw, numbers):
    x, c, options = normalized(draw, numbers, 0)
    mean, var = numbers((c,)), numbers.uniform(0.5, 2.0, (c,))
    return (x, numbers((c,)), numbers((c,))), options | {"running_mean": mean, "running_var": var}


def batch_norm(fw, x, weight=None, bias=None, running_mean=None, running_var=None, **o):
    return fw.nn.functional.batch_norm(x, running_mean, running_var, weight, bias, **o)


def wrong(error, message, shape, *channels, hint="", **options):
    def call(fw):
        given = [None if c is None else fw.ones(c) for c in channels]
        return fw.nn.functional.batch_norm(fw.ones(*shape), *given, **options)

    return Wrong(call, error, message, hint)


more_than_one = "Expected more than 1 value per channel when training, got input size "
operation(
    "batch_norm in training",
    lambda fw, *args, **o: batch_norm(fw, *args, training=True, **o),
    trained,
    {
        "no weight, no bias": case([[1.0, 2], [3, -4], [5, 7]]),
        "two values": case([[1.0], [1.5]], [2.0], [3.0]),
        "one row of a long signal": case([[[1.0, 2, 4], [3, -4, 1]]], [1.0, 2], [0.0, 1]),
        "all equal": case(ones(4, 2), [1.0, 2.0], [0.5, 0.0]),
        "far from 0": case([[1e4 + 1], [1e4 + 2], [1e4 + 4]], [1.0], [0.0]),
        "no rows": case(ones(0, 2, 3), [1.0, 2.0], [0.5, 0.0]),
        "no places": case(ones(2, 2, 0), [1.0, 2.0], [0.5, 0.0]),
    },
    errors={
        "one value": wrong(
            ValueError,
            more_than_one + r"torch.Size\(\[1, 3\]\)",
            (1, 3),
            None,
            None,
            training=True,
            hint=r"batch \(axis 0\).*eval\(\)",
        ),
        "one pixel": wrong(ValueError, more_than_one, (1, 3, 1, 1), None, None, training=True),
        "eps": wrong(
            ValueError,
            "eps must be positive during training, but got 0.0",
            (2, 3),
            None,
            None,
            training=True,
            eps=0.0,
        ),
        "one statistic": wrong(
            ValueError,
            "running_mean and running_var must either both be None or neither be None",
            (2, 3),
            3,
            None,
            training=True,
        ),
        "of integers": Wrong(
            lambda fw: fw.nn.functional.batch_norm(
                fw.tensor([[1], [2]]), None, None, training=True
            ),
            NotImplementedError,
            "\"batch_norm\" not implemented for 'Long'",
        ),
    },
)
operation(
    "batch_norm in evaluation",
    batch_norm,
    evaluated,
    {"one value": case([[3.0]], running_mean=ones(1), running_var=ones(1))},
    errors={
        "running_mean": wrong(
            RuntimeError,
            "running_mean should contain 4 elements not 3",
            (2, 4),
            3,
            3,
            hint=r"4 channels \(axis 1\)",
        ),
        "axes": wrong(
            RuntimeError,
            "running_mean should contain|takes an input of shape",
            (3,),
            3,
            3,
            hint=r"\(N, C, ...\), but got \(3,\)",
        ),
        "running_var": wrong(
            RuntimeError, "running_var should contain 3 elements not 2", (2, 3), 3, 2
        ),
        "weight": wrong(RuntimeError, "weight should contain 3 elements not 2", (2, 3), 3, 3, 2),
        "bias": wrong(RuntimeError, "bias should contain 3 elements not 2", (2, 3), 3, 3, 3, 2),
        "no statistics": wrong(
            RuntimeError, "running_mean must be defined in evaluation mode", (2, 3), None, None
        ),
        "no variance": wrong(
            RuntimeError, "running_var must be defined in evaluation mode", (2, 3), 3, None
        ),
        "eps": wrong(ValueError, "eps must be non-negative, but got -1.0", (2, 3), 3, 3, eps=-1.0),
        "types": Wrong(
            lambda fw: fw.nn.functional.batch_norm(fw.ones(2, 3).double(), fw.ones(3), fw.ones(3)),
            RuntimeError,
            r"mixed dtype \(CPU\)",
            "running_mean torch.float32",
        ),
        "gradient of a statistic": Wrong(
            lambda fw: fw.nn.functional.batch_norm(
                fw.ones(2, 3), fw.ones(3, requires_grad=True), fw.ones(3)
            ),
            RuntimeError,
            "not differentiable with respect to argument 'running_mean'",
        ),
    },
)


def draws_plainly():
    """Whether PyTorch draws dropout's masks itself here: see nn.functional.dropout."""
    torch.manual_seed(0)
    uniform = torch.rand(64, dtype=torch.float64)
    torch.manual_seed(0)
    return torch.equal(torch.empty(64).bernoulli_(0.5), (uniform < 0.5).float())


def seeded(name):
    def call(fw, x, seed=0, **o):
        fw.manual_seed(seed)
        return getattr(fw.nn.functional, name)(x, **o)

    return call


def noisy(shape):
    def arguments(draw, numbers):
        seed = draw(st.integers(0, 2**32))
        p = draw(st.sampled_from([0.5, 0.3, 0.1, 0.0, 1.0] if draws_plainly() else [0.0, 1.0]))
        return (numbers(draw(shape)),), {"seed": seed, "p": p, "training": draw(st.booleans())}

    return arguments


for name, shape, least in (
    ("dropout", shapes(), (1,)),
    ("dropout2d", shapes(4, 4, 0, 3), (1, 1, 1, 1)),
):
    operation(
        name,
        seeded(name),
        noisy(shape),
        {f"p={p}": case(ones(2, 3, 2, 2), p=p) for p in (0, 0.0, 1, 1.0)},
        errors={
            f"p={p}": Wrong(
                lambda fw, p=p, name=name, least=least: getattr(fw.nn.functional, name)(
                    fw.ones(*least), p
                ),
                ValueError,
                f"dropout probability has to be between 0 and 1, but got {p}",
            )
            for p in (-0.1, 1.1)
        }
        | {
            "of integers": Wrong(
                lambda fw, name=name, least=least: getattr(fw.nn.functional, name)(
                    fw.ones(*least, dtype=fw.int64)
                ),
                RuntimeError,
                "result type Float can't be cast to the desired output type Long",
            )
        },
        raises={
            "inplace": lambda fw, name=name: getattr(fw.nn.functional, name)(
                fw.ones(1, 1, 1, 1), inplace=True
            )
        },
        strided=False,  # the mask is drawn in the order of memory, in PyTorch too
    )

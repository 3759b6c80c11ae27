"""Losses."""

import numpy as np
from hypothesis import strategies as st

from ..draws import shapes
from .record import INF, NAN, Wrong, case, ones, operation

REDUCTIONS = st.sampled_from(["none", "mean", "sum"])


def classes(draw, numbers):
    """Scores, the numbers of the right classes, and the options that go with those."""
    n, c, rest = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(shapes(0, 2, 1, 3))
    batched = draw(st.integers(0, 3)) > 0
    x = numbers((n, c, *rest) if batched else (c,))
    target = numbers.integers(0, c, (n, *rest) if batched else ())
    options = {"reduction": draw(REDUCTIONS)}
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


def targets(*numbers, dtype=np.int64):
    return np.array(numbers, dtype)


TWO, THREE = [[-0.1, -2.0, -3.0], [-1.0, -0.5, -4.0]], [[0.1, 2, 3], [1, 0.5, 4], [2, 2, 0]]
one_is_inf = [[-INF, 0.0], [0.0, -INF]]
image = np.arange(24.0).reshape(2, 3, 2, 2) ** 0.5
of_image = np.array([[[0, 1], [2, 2]], [[1, 1], [0, -100]]])
weights = np.array([0.5, 2.0, 3.0])
CLASSES = {
    "mean": case(THREE, target=targets(2, 0, 1)),
    "sum": case(THREE, target=targets(2, 0, 1), reduction="sum"),
    "none": case(THREE, target=targets(2, 0, 1), reduction="none"),
    "weights, mean": case(THREE, target=targets(2, 0, 1), weight=weights),
    "weights, none": case(THREE, target=targets(2, 0, 1), weight=weights, reduction="none"),
    "ignored by default": case(THREE, target=targets(2, -100, 1)),
    "ignore_index=1": case(THREE, target=targets(2, 1, 1), ignore_index=1, weight=weights),
    "bytes": case(TWO, target=targets(2, 0, dtype=np.uint8)),
    "bytes, one ignored": case(TWO, target=targets(2, 0, dtype=np.uint8), ignore_index=2),
    "one row": case(TWO[:1], target=targets(1)),
    "one class": case([[3.0], [-1.0]], target=targets(0, 0)),
    "mean of nothing": case(ones(0, 3), target=targets()),
    "sum of nothing": case(ones(0, 3), target=targets(), reduction="sum"),
    "none of nothing": case(ones(0, 3), target=targets(), reduction="none"),
    "no rows, no classes": case(ones(0, 0), target=targets()),
    "no places": case(ones(2, 3, 0), target=np.zeros((2, 0), np.int64)),
    "all ignored": case(TWO, target=targets(-100, -100)),
    "all ignored, sum": case(TWO, target=targets(-100, -100), reduction="sum"),
    "all ignored, image": case(image, target=np.full((2, 2, 2), 1), ignore_index=1),
    "all weights 0": case(TWO, target=targets(0, 0), weight=np.array([0.0, 1, 1])),
    "NaN in an ignored row": case([[NAN, NAN], [-1.0, -2.0]], target=targets(-100, 1)),
    "image": case(image, target=of_image),
    "image, weights": case(image, target=of_image, weight=weights),
    "image, none": case(image, target=of_image, weight=weights, reduction="none"),
    "one row without a batch": case([-1.0, -2.0], target=np.array(1), reduction="none"),
    "one row, ignored": case([-1.0, -2.0], target=np.array(-100)),
}
INFINITE = {
    "infinite loss": case(one_is_inf, target=targets(0, 0), reduction="none"),
    "infinite, but weight 0": case(
        one_is_inf, target=targets(0, 0), weight=np.array([0.0, 1.0]), reduction="none"
    ),
    "infinite elsewhere": case(one_is_inf, target=targets(1, 0)),
}


def wrong(name, x, target, error, message, hint="", **options):
    """A call of a loss that raises. Sizes make ones, except that a target of integers is given."""

    def call(fw):
        given = {k: v(fw) if callable(v) else v for k, v in options.items()}
        loss = getattr(fw.nn.functional, name)
        return loss(fw.ones(x), target(fw) if callable(target) else fw.tensor(target), **given)

    return Wrong(call, error, message, hint)


def target_errors(name):
    rows = "one class for each place"
    return {
        "target above": wrong(
            name, (1, 3), [3], IndexError, "Target 3 is out of bounds", r"3 classes \(axis 1\)"
        ),
        "target below": wrong(name, (1, 3), [-1], IndexError, "Target -1 is out of bounds"),
        "target above, one row": wrong(
            name, (3,), 3, IndexError, "Target 3 is out of bounds", r"3 classes \(axis 0\)"
        ),
        "target above, image": wrong(
            name, (1, 3, 1), [[4]], IndexError, "Target 4 is out of bounds"
        ),
        "target of no classes": wrong(name, (2, 0), [0, 0], IndexError, "Target 0 is out of"),
        "target type": wrong(
            name, (1, 3), [1.0], RuntimeError, "Long or Byte, but got Float", r"target\.long\(\)"
        ),
        "target int32": wrong(
            name, (1, 3), lambda fw: fw.tensor([1]).int(), RuntimeError, "Byte, but got Int"
        ),
        "target of bools": wrong(name, (1, 3), [True], RuntimeError, "Byte, but got Bool"),
        "bytes for an image": wrong(
            name,
            (1, 3, 1),
            lambda fw: fw.tensor([[1]], dtype=fw.uint8),
            RuntimeError,
            "expected scalar type Long but found Byte",
        ),
        "no tensor": wrong(
            name, (1, 3), lambda fw: [1], TypeError, r"argument 'target' \(position 2\) must be Ten"
        ),
        "target count": wrong(
            name,
            (4, 3),
            [1, 1, 1],
            ValueError,
            r"Expected input batch_size \(4\) to match target batch_size \(3\)",
            rows,
        ),
        "no target axis": wrong(
            name, (4, 3), 1, ValueError, r"batch_size \(4\) to match target batch_size \(0\)", rows
        ),
        "target column": wrong(
            name,
            (2, 3),
            [[1], [0]],
            RuntimeError,
            "0D or 1D target tensor expected, multi-target not supported",
            r"\(2, 1\).*did you mean target\.squeeze\(1\)\?",
        ),
        "target count, one row": wrong(
            name, (3,), [1, 1], ValueError, "1D target must have size 1, but got target size: 2"
        ),
        "target matrix, one row": wrong(
            name, (3,), [[1]], RuntimeError, "0D or 1D target tensor expected"
        ),
        "target places": wrong(
            name, (1, 3, 4), [[1, 1]], RuntimeError, r"Expected target size \[1, 4\], got \[1, 2\]"
        ),
        "target with channels": wrong(
            name,
            (1, 3, 2, 2),
            [[[[1, 1], [1, 1]]]],
            RuntimeError,
            "target",
            r"did you mean target\.squeeze\((0|1)\)\?",
        ),
        "class weights": wrong(
            name,
            (1, 3),
            [1],
            RuntimeError,
            r"all 3 classes or no classes but got weight tensor of shape: \[2\]",
            "axis 1",
            weight=lambda fw: fw.ones(2),
        ),
        "class weights of two axes": wrong(
            name, (1, 3), [1], RuntimeError, r"shape: \[3, 1\]", weight=lambda fw: fw.ones(3, 1)
        ),
        "type of weights": wrong(
            name,
            (1, 3),
            [1],
            RuntimeError,
            "expected scalar type Float but found Double",
            weight=lambda fw: fw.ones(3, dtype=fw.float64),
        ),
        "gradient of weights": wrong(
            name,
            (1, 3),
            [1],
            RuntimeError,
            "not differentiable with respect to argument 'weight'",
            weight=lambda fw: fw.ones(3, requires_grad=True),
        ),
        "reduction": wrong(
            name, (1, 3), [1], ValueError, "avg is not a valid value for reduct", reduction="avg"
        ),
        "no reduction": wrong(
            name, (1, 3), [1], ValueError, "None is not a valid value for", reduction=None
        ),
    }


def deprecated(name):
    return {
        k: lambda fw, k=k: getattr(fw.nn.functional, name)(
            fw.ones(1, 3), fw.tensor([1]), **{k: False}
        )
        for k in ("size_average", "reduce")
    }


operation(
    "nll_loss",
    lambda fw, x, target, **o: fw.nn.functional.nll_loss(x, target, **o),
    classes,
    CLASSES | INFINITE,
    errors=target_errors("nll_loss")
    | {
        "one-hot target": wrong(
            "nll_loss",
            (2, 3),
            [[1, 0, 0], [0, 1, 0]],
            RuntimeError,
            "multi-target not supported",
            r"target\.argmax\(1\)",
        ),
        "a number": wrong("nll_loss", (), 0, ValueError, r"Expected 1 or more dimensions \(got 0"),
        "of integers": Wrong(
            lambda fw: fw.nn.functional.nll_loss(fw.tensor([[1]]), fw.tensor([0])),
            NotImplementedError,
            "\"nll_loss_out_frame\" not implemented for 'Long'",
        ),
    },
    raises=deprecated("nll_loss"),
)


def smoothed_classes(draw, numbers):
    (x,), options = classes(draw, numbers)
    if x.shape == options["target"].shape:  # which PyTorch would read as probabilities
        x, options["target"] = x.reshape(1, -1), options["target"].reshape(1)
    if x.ndim == 1 and options["reduction"] == "none":
        options["reduction"] = "sum"
    return (x,), options | {"label_smoothing": draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))}


SMOOTHED = {
    f"{name}, smoothed": case(*c.inputs, **c.options, label_smoothing=0.3)
    for name, c in CLASSES.items()
    # There PyTorch divides by 0 in another order.
    if name not in ("no rows, no classes", "all weights 0")
}
operation(
    "cross_entropy",
    lambda fw, x, target, **o: fw.nn.functional.cross_entropy(x, target, **o),
    smoothed_classes,
    CLASSES | SMOOTHED,
    errors=target_errors("cross_entropy")
    | {
        "one-hot of integers": wrong(
            "cross_entropy",
            (2, 3),
            [[1, 0, 0], [0, 1, 0]],
            RuntimeError,
            "Expected floating point type for target with class probabilities, got Long",
            r"target\.float\(\)",
        ),
        "one row of as many targets": wrong(
            "cross_entropy", (1,), [0], RuntimeError, "Expected floating point type for target"
        ),
        "a number": wrong(
            "cross_entropy", (), 1.0, IndexError, "Dimension specified as 1 but tensor has no dim"
        ),
        "label_smoothing": wrong(
            "cross_entropy",
            (1, 3),
            [1],
            RuntimeError,
            r"label_smoothing must be between 0.0 and 1.0. Got: 1.1",
            label_smoothing=1.1,
        ),
        "ignored probabilities": wrong(
            "cross_entropy",
            (1, 3),
            lambda fw: fw.ones(1, 3),
            RuntimeError,
            "ignore_index is not supported for floating point target",
            ignore_index=1,
        ),
        "weights of probabilities": wrong(
            "cross_entropy",
            (1, 3),
            lambda fw: fw.ones(1, 3),
            RuntimeError,
            r"all 3 classes or no classes but got weight tensor of shape: \[2\]",
            weight=lambda fw: fw.ones(2),
        ),
        "probabilities in a column": wrong(
            "cross_entropy", (2, 3), [[1.0], [0.0]], RuntimeError, "multi-target not supported"
        ),
        "of integers": Wrong(
            lambda fw: fw.nn.functional.cross_entropy(fw.tensor([[1]]), fw.tensor([0])),
            NotImplementedError,
            "\"log_softmax_lastdim_kernel_impl\" not implemented for 'Long'",
        ),
    },
    raises=deprecated("cross_entropy"),
)


def probabilities(draw, numbers):
    options = {"reduction": draw(REDUCTIONS), "label_smoothing": draw(st.sampled_from([0.0, 0.2]))}
    # The mean of nothing is a sample: 0 / 0 has second derivatives that are NaN here and 0 there.
    fewest = int(numbers.distinct or options["reduction"] == "mean")
    n, c, rest = draw(st.integers(fewest, 3)), draw(st.integers(1, 4)), draw(shapes(0, 2, 1, 3))
    shape = (n, c, *rest) if draw(st.integers(0, 3)) else (c,)
    if draw(st.booleans()):
        options["weight"] = numbers.uniform(0.1, 2.0, (c,))
    return (numbers(shape), numbers.uniform(0.0, 1.0, shape)), options


operation(
    "cross_entropy of probabilities",
    lambda fw, x, target, **o: fw.nn.functional.cross_entropy(x, target, **o),
    probabilities,
    {
        "one-hot": case(THREE, [[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]),
        "weights, mean": case(THREE, [[0.2, 0.3, 0.5]] * 3, weight=weights),
        "mean of nothing": case(ones(0, 3), ones(0, 3)),
        "none of nothing": case(ones(0, 3), ones(0, 3), reduction="none"),
        "infinite, of probability 0": case(one_is_inf, [[0.0, 1.0], [1.0, 0.0]]),
    },
)

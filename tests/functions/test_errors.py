"""Wrong calls: minigrad raises what PyTorch raises, and its message makes the same point."""

import re

import numpy as np
import pytest
import torch

import minigrad


def f(fw):
    return fw.nn.functional


def ones(fw, *shape):
    return fw.ones(*shape)


def leaf(fw):
    return fw.ones(2, 3, requires_grad=True)


def read_after_change(fw):
    x = leaf(fw)
    y = x.exp()
    y.add_(1)
    y.sum().backward()


def input_changed(fw):
    x = leaf(fw)
    y = x * 2
    z = y * y
    y[0] = 0
    z.sum().backward()


def backward_twice(fw):
    y = (leaf(fw) ** 2).sum()
    y.backward()
    y.backward()


def integer_gradient(fw):
    fw.tensor([1, 2]).requires_grad_()


ROWS = [
    ("broadcast", lambda fw: ones(fw, 2) + ones(fw, 3), r"size of tensor a \(2\) must match"),
    ("broadcast in place", lambda fw: ones(fw, 1).add_(ones(fw, 3)), "output with shape|expand"),
    ("in-place type", lambda fw: fw.tensor([1]).add_(1.5), "can't be cast"),
    ("in-place true division", lambda fw: fw.tensor([1]).div_(2), "can't be cast"),
    ("rounding mode", lambda fw: fw.div(ones(fw, 1), 2, rounding_mode="up"), "rounding_mode"),
    ("floor division by 0", lambda fw: fw.tensor([1]) // 0, "ZeroDivisionError"),
    ("remainder by 0", lambda fw: fw.tensor([1]) % 0, "ZeroDivisionError"),
    ("integer power", lambda fw: fw.tensor([2]) ** -1, "negative integer powers"),
    ("minus a bool", lambda fw: -fw.tensor([True]), "bool tensor is not supported"),
    ("relu of bools", lambda fw: fw.relu(fw.tensor([True])), "Boolean inputs not supported"),
    ("condition", lambda fw: fw.where(ones(fw, 2), 1.0, 2.0), "boolean tensor|bool"),
    ("matmul sizes", lambda fw: ones(fw, 2, 3) @ ones(fw, 2, 3), "cannot be multiplied"),
    ("matmul of a number", lambda fw: ones(fw, 2) @ fw.tensor(1.0), "at least 1D"),
    ("matmul types", lambda fw: ones(fw, 2, 2) @ ones(fw, 2, 2).double(), "same dtype"),
    ("matmul batches", lambda fw: ones(fw, 2, 1, 1) @ ones(fw, 3, 1, 1), "must match"),
    ("mean of integers", lambda fw: fw.tensor([1]).mean(), "could not infer output dtype"),
    ("sum dim", lambda fw: ones(fw, 2).sum(2), r"range of \[-1, 0\], but got 2"),
    ("sum dim twice", lambda fw: ones(fw, 2, 2).sum((0, -2)), "appears multiple times"),
    ("max of nothing", lambda fw: ones(fw, 0).max(), "numel"),
    ("max along nothing", lambda fw: ones(fw, 2, 0).max(1), "non-zero size"),
    ("argmax of nothing", lambda fw: ones(fw, 0).argmax(), "numel"),
    ("argmax of bools", lambda fw: fw.tensor([True]).argmax(), "does not support bool"),
    ("reshape", lambda fw: ones(fw, 6).reshape(4, 2), "invalid for input of size 6"),
    ("two -1", lambda fw: ones(fw, 6).view(-1, -1), "only one dimension can be inferred"),
    ("-2", lambda fw: ones(fw, 6).view(-2), "invalid shape dimension"),
    ("-1 of none", lambda fw: ones(fw, 0).view(0, -1), "ambiguous"),
    ("view of a transpose", lambda fw: ones(fw, 2, 3).T.view(6), "view size is not compatible"),
    ("flatten", lambda fw: ones(fw, 2, 2).flatten(1, 0), "start_dim cannot come after end_dim"),
    ("unflatten", lambda fw: ones(fw, 6).unflatten(0, (4, 2)), "don't multiply up"),
    ("permute", lambda fw: ones(fw, 2, 2).permute(0), "does not match"),
    ("permute twice", lambda fw: ones(fw, 2, 2).permute(0, 0), "duplicate dims"),
    ("t", lambda fw: ones(fw, 2, 2, 2).t(), "<= 2 dimensions"),
    ("transpose", lambda fw: ones(fw, 2).transpose(0, 1), "out of range"),
    ("unsqueeze", lambda fw: ones(fw, 2).unsqueeze(3), r"range of \[-2, 1\], but got 3"),
    ("expand", lambda fw: ones(fw, 2).expand(3), r"expanded size of the tensor \(3\)"),
    ("expand to fewer", lambda fw: ones(fw, 2, 2).expand(2), "greater or equal"),
    ("sum_to_size", lambda fw: ones(fw, 2).sum_to_size(3), "not expandable"),
    ("cat of none", lambda fw: fw.cat([]), "non-empty"),
    ("cat of numbers", lambda fw: fw.cat([fw.tensor(1)]), "zero-dimensional"),
    ("cat sizes", lambda fw: fw.cat([ones(fw, 2, 2), ones(fw, 2, 3)]), "Sizes of tensors must mat"),
    ("stack sizes", lambda fw: fw.stack([ones(fw, 2), ones(fw, 3)]), "equal size"),
    ("index", lambda fw: ones(fw, 3)[3], "out of (bounds|range)"),
    ("tensor index", lambda fw: ones(fw, 3)[fw.tensor([0, 3])], "out of bounds"),
    ("float index", lambda fw: ones(fw, 3)[fw.tensor([0.5])], "must be long"),
    ("number as index", lambda fw: ones(fw, 3)[1.5], "index|indices"),
    ("too many indices", lambda fw: ones(fw, 3)[0, 0], "too many indices"),
    ("index of a number", lambda fw: fw.tensor(1.0)[0], "0-dim|too many"),
    ("mask size", lambda fw: ones(fw, 3)[fw.tensor([True, False])], "mask|boolean"),
    ("indices do not broadcast", lambda fw: ones(fw, 3, 3)[[0, 1], [0, 1, 2]], "broadcast"),
    ("backwards", lambda fw: ones(fw, 3)[::-1], "step must be greater than zero"),
    (
        "setitem shape",
        lambda fw: ones(fw, 3).__setitem__(slice(2), ones(fw, 3)),
        "shape mismatch|must match",
    ),
    ("item", lambda fw: ones(fw, 2).item(), "cannot be converted to Scalar"),
    ("truth", lambda fw: bool(ones(fw, 2)), "ambiguous"),
    ("len", lambda fw: len(fw.tensor(1.0)), "0-d tensor"),
    ("iter", lambda fw: iter(fw.tensor(1.0)), "0-d tensor"),
    ("numpy", lambda fw: leaf(fw).numpy(), "requires grad"),
    ("integer gradient", integer_gradient, "floating point"),
    (
        "tensor with integer gradient",
        lambda fw: fw.tensor([1], requires_grad=True),
        "floating point",
    ),
    ("no gradient for this", lambda fw: ones(fw, 1).backward(), "does not require grad"),
    ("not a scalar", lambda fw: leaf(fw).exp().backward(), "only for scalar outputs"),
    ("upstream shape", lambda fw: leaf(fw).exp().backward(ones(fw, 2)), "Mismatch in shape"),
    ("freed", backward_twice, "second time"),
    ("changed output", read_after_change, "modified by an inplace"),
    ("changed input", input_changed, "modified by an inplace"),
    ("leaf in place", lambda fw: leaf(fw).add_(1), "leaf Variable that requires grad"),
    ("leaf zeroed", lambda fw: leaf(fw).zero_(), "leaf Variable that requires grad"),
    (
        "requires_grad of a result",
        lambda fw: leaf(fw).exp().requires_grad_(False),
        "leaf variables",
    ),
    ("linear sizes", lambda fw: f(fw).linear(ones(fw, 4, 5), ones(fw, 2, 3)), "4x5 and 3x2"),
    ("linear types", lambda fw: f(fw).linear(ones(fw, 4, 3).double(), ones(fw, 2, 3)), "dtype"),
    (
        "conv channels",
        lambda fw: f(fw).conv2d(ones(fw, 1, 3, 5, 5), ones(fw, 4, 2, 3, 3)),
        "2 channels, but got 3 channels",
    ),
    (
        "conv kernel",
        lambda fw: f(fw).conv2d(ones(fw, 1, 1, 2, 2), ones(fw, 1, 1, 3, 3)),
        "Kernel size can't be greater",
    ),
    (
        "conv image",
        lambda fw: f(fw).conv2d(ones(fw, 5, 5), ones(fw, 1, 1, 3, 3)),
        "3D .unbatched. or 4D",
    ),
    (
        "conv bias",
        lambda fw: f(fw).conv2d(ones(fw, 1, 1, 4, 4), ones(fw, 2, 1, 3, 3), ones(fw, 3)),
        "bias to be 1-dimensional with 2",
    ),
    (
        "conv stride",
        lambda fw: f(fw).conv2d(ones(fw, 1, 1, 4, 4), ones(fw, 1, 1, 3, 3), stride=0),
        "non-positive stride",
    ),
    (
        "conv padding",
        lambda fw: f(fw).conv2d(ones(fw, 1, 1, 4, 4), ones(fw, 1, 1, 3, 3), padding=-1),
        "negative padding",
    ),
    (
        "conv same stride",
        lambda fw: f(fw).conv2d(
            ones(fw, 1, 1, 4, 4), ones(fw, 1, 1, 3, 3), stride=2, padding="same"
        ),
        "not supported for strided",
    ),
    (
        "conv padding name",
        lambda fw: f(fw).conv2d(ones(fw, 1, 1, 4, 4), ones(fw, 1, 1, 3, 3), padding="full"),
        "Invalid padding string",
    ),
    (
        "conv types",
        lambda fw: f(fw).conv2d(ones(fw, 1, 1, 4, 4), ones(fw, 1, 1, 3, 3).double()),
        "type|Double",
    ),
    ("pool size", lambda fw: f(fw).max_pool2d(ones(fw, 1, 2, 2), 3), "Output size is too small"),
    ("pool image", lambda fw: f(fw).max_pool2d(ones(fw, 2, 2), 2), "3D or 4D"),
    ("pool nothing", lambda fw: f(fw).max_pool2d(ones(fw, 2, 0, 4, 4), 2), "optional 0 dim batch"),
    ("pool stride", lambda fw: f(fw).max_pool2d(ones(fw, 1, 4, 4), 2, stride=0), "stride should"),
    ("softmax dim", lambda fw: f(fw).log_softmax(ones(fw, 2, 2), 2), r"range of \[-2, 1\]"),
    (
        "softmax of integers",
        lambda fw: f(fw).log_softmax(fw.tensor([1]), 0),
        "not implemented for 'Long'",
    ),
    (
        "target above",
        lambda fw: f(fw).nll_loss(ones(fw, 1, 3), fw.tensor([3])),
        "Target 3 is out of bounds",
    ),
    (
        "target below",
        lambda fw: f(fw).nll_loss(ones(fw, 1, 3), fw.tensor([-1])),
        "Target -1 is out of bounds",
    ),
    ("target type", lambda fw: f(fw).nll_loss(ones(fw, 1, 3), fw.tensor([1.0])), "Long"),
    ("target int32", lambda fw: f(fw).nll_loss(ones(fw, 1, 3), fw.tensor([1]).int()), "Long|Int"),
    (
        "target count",
        lambda fw: f(fw).nll_loss(ones(fw, 4, 3), fw.tensor([1, 1, 1])),
        r"batch_size \(4\)",
    ),
    (
        "one-hot target",
        lambda fw: f(fw).nll_loss(ones(fw, 2, 3), fw.tensor([[1, 0, 0], [0, 1, 0]])),
        "multi-target not supported",
    ),
    (
        "class weights",
        lambda fw: f(fw).nll_loss(ones(fw, 1, 3), fw.tensor([1]), ones(fw, 2)),
        "all 3 classes",
    ),
    (
        "reduction",
        lambda fw: f(fw).nll_loss(ones(fw, 1, 3), fw.tensor([1]), reduction="avg"),
        "not a valid value for reduction",
    ),
    ("ragged", lambda fw: fw.tensor([[1.0], [1.0, 2.0]]), "length|sequence"),
    ("text", lambda fw: fw.tensor("text"), "str|text"),
    ("arange step", lambda fw: fw.arange(0, 1, 0), "step must be nonzero"),
    ("arange sign", lambda fw: fw.arange(0, 1, -1), "inconsistent with step sign"),
    ("a byte of 300", lambda fw: fw.tensor([1, 300], dtype=fw.uint8), "without overflow"),
    ("a byte of -256", lambda fw: fw.tensor(-256, dtype=fw.uint8), "without overflow"),
    ("alpha", lambda fw: fw.tensor([1]).add(1, alpha=0.5), "alpha must not be a floating"),
    ("negative size", lambda fw: fw.zeros(-1), "negative"),
    ("from_numpy", lambda fw: fw.from_numpy([1.0]), "expected np.ndarray"),
    ("array of text", lambda fw: fw.from_numpy(np.array(["a"])), "can't convert np.ndarray"),
    (
        "floor_divide's gradient",
        lambda fw: (leaf(fw) // 2).sum().backward(),
        "floor_divide|does not require",
    ),
    (
        "allclose types",
        lambda fw: fw.allclose(ones(fw, 1), ones(fw, 1).double()),
        "did not match|Float",
    ),
    (
        "set_default_dtype",
        lambda fw: fw.set_default_dtype(fw.int64),
        "floating-point|floating point",
    ),
]


@pytest.mark.parametrize(("call", "point"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_the_same_error(call, point):
    with pytest.raises(Exception, match=point) as theirs:
        call(torch)
    with pytest.raises(Exception, match=point) as ours:
        call(minigrad)
    assert ours.type is theirs.type


UNSUPPORTED = {
    "groups": lambda x: minigrad.nn.functional.conv2d(x, x, groups=2),
    "padding": lambda x: minigrad.nn.functional.max_pool2d(x, 2, padding=1),
    "dilation": lambda x: minigrad.nn.functional.max_pool2d(x, 2, dilation=2),
    "ceil_mode": lambda x: minigrad.nn.functional.max_pool2d(x, 2, ceil_mode=True),
    "return_indices": lambda x: minigrad.nn.functional.max_pool2d(x, 2, return_indices=True),
    "size_average": lambda x: minigrad.nn.functional.nll_loss(x, x, size_average=True),
    "reduce": lambda x: minigrad.nn.functional.nll_loss(x, x, reduce=False),
    "dtype": lambda x: x.view(minigrad.int32),
}


@pytest.mark.parametrize("argument", UNSUPPORTED)
def test_what_minigrad_lacks_says_so(argument):
    with pytest.raises(NotImplementedError, match=re.escape(argument)):
        UNSUPPORTED[argument](minigrad.ones(1, 1, 4, 4))

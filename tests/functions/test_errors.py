"""Wrong calls: minigrad raises what PyTorch raises, and its message makes the same point.

Those of an operation stand in its record; here are the rest.
"""

import copy
import re

import numpy as np
import pytest
import torch

import minigrad

from .operations import OPERATIONS


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
    ("broadcast in place", lambda fw: ones(fw, 1).add_(ones(fw, 3)), "output with shape|expand"),
    ("in-place type", lambda fw: fw.tensor([1]).add_(1.5), "can't be cast"),
    ("in-place true division", lambda fw: fw.tensor([1]).div_(2), "can't be cast"),
    ("argmax of nothing", lambda fw: ones(fw, 0).argmax(), "numel"),
    ("argmax of bools", lambda fw: fw.tensor([True]).argmax(), "does not support bool"),
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
    ("ragged", lambda fw: fw.tensor([[1.0], [1.0, 2.0]]), "length|sequence"),
    ("text", lambda fw: fw.tensor("text"), "str|text"),
    ("arange step", lambda fw: fw.arange(0, 1, 0), "step must be nonzero"),
    ("arange sign", lambda fw: fw.arange(0, 1, -1), "inconsistent with step sign"),
    ("a byte of 300", lambda fw: fw.tensor([1, 300], dtype=fw.uint8), "without overflow"),
    ("a byte of -256", lambda fw: fw.tensor(-256, dtype=fw.uint8), "without overflow"),
    ("negative size", lambda fw: fw.zeros(-1), "negative"),
    ("from_numpy", lambda fw: fw.from_numpy([1.0]), "expected np.ndarray"),
    ("array of text", lambda fw: fw.from_numpy(np.array(["a"])), "can't convert np.ndarray"),
    (
        "allclose types",
        lambda fw: fw.allclose(ones(fw, 1), ones(fw, 1).double()),
        "did not match|Float",
    ),
    ("no size: a float", lambda fw: fw.zeros(2.0), "ints?, not float"),
    ("no size: a bool", lambda fw: fw.zeros(True), "ints?, not bool"),
    ("no size: an array", lambda fw: fw.zeros(np.array([2, 3])), "tuple of ints|scalars"),
    ("a list beside a tensor", lambda fw: fw.add(ones(fw, 1), [1]), "expected|must be Tensor"),
    ("array of what is recorded", lambda fw: np.asarray(leaf(fw)), "requires grad"),
    ("index of a fraction", lambda fw: [1, 2][fw.tensor(1.0)], "only integer tensors"),
    ("index of two", lambda fw: [1, 2][fw.tensor([1, 0])], "only integer tensors"),
    ("copy of a result", lambda fw: copy.deepcopy(leaf(fw) * 2), "support the deepcopy protocol"),
    ("type by a wrong name", lambda fw: ones(fw, 1).type("torch.LongTenser"), "invalid type"),
    ("type of a class", lambda fw: ones(fw, 1).type(str), "invalid type"),
    ("type of a number", lambda fw: ones(fw, 1).type(3), "must be a type, str, or dtype object"),
    ("set_default_dtype to a name", lambda fw: fw.set_default_dtype("float64"), "invalid dtype"),
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


WRONG = [(name, wrong) for name, op in OPERATIONS.items() for wrong in op.errors]


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_wrong_calls_raise_what_pytorch_raises(name, wrong):
    expected = OPERATIONS[name].errors[wrong]
    for framework in (torch, minigrad):
        with pytest.raises(expected.error, match=expected.message) as raised:
            expected.call(framework)
        assert raised.type is expected.error
    assert re.search(expected.hint, str(raised.value))


LACKING = [(name, argument) for name, op in OPERATIONS.items() for argument in op.raises]


@pytest.mark.parametrize(("name", "argument"), LACKING)
def test_what_minigrad_lacks_says_so(name, argument):
    with pytest.raises(NotImplementedError, match=re.escape(argument)):
        OPERATIONS[name].raises[argument](minigrad)


def test_records_have_wrong_calls():
    assert len(WRONG) > 50
    assert len(LACKING) > 0

"""Every public callable has the parameters of its PyTorch namesake: names, order and defaults."""

import importlib
import inspect
from inspect import Parameter

import pytest
import torch

import minigrad
from pt_reference.signatures import overloads

ROOMS = ["", "autograd", "autograd.profiler", "nn", "nn.functional", "nn.init", "nn.utils"]
ROOMS += ["optim", "optim.lr_scheduler", "utils.data"]

# Of other machines, layouts and results in memory of one's own. Where a function lacks one, Python
# itself refuses it by name: "unexpected keyword argument 'out'".
LACKING = {"out", "layout", "pin_memory", "memory_format", "names", "implicit"}

# What cannot be compared, and why.
EXCEPT = {
    **dict.fromkeys(
        [name for name in minigrad.__all__ if name.endswith("Tensor") and name != "Tensor"],
        "PyTorch's older types have no signature",
    ),
    "Tensor": "has no signature in PyTorch",
    "device": "has no signature in PyTorch",
    "dtype": "a type that nobody constructs",
    "Size.numel": "has no signature in PyTorch",
    "Generator": "has no signature in PyTorch",
    "Generator.manual_seed": "has no signature in PyTorch",
    "Generator.seed": "has no signature in PyTorch",
    "Generator.initial_seed": "has no signature in PyTorch",
    "Generator.get_state": "has no signature in PyTorch",
    "Generator.set_state": "has no signature in PyTorch",
    "Tensor.to": "takes its arguments in three orders",
    "Tensor.requires_grad_": "PyTorch's stub says `mode`, which its function refuses",
    "arange": "PyTorch counts the arguments: see test_creation.py",
    "randint": "PyTorch counts the arguments: see test_random.py",
    "tensor": "PyTorch's stub lacks the star, its function has it",
    "gradcheck": "a second name of autograd.gradcheck, which is compared",
    "no_grad": "Python finds PyTorch's __init__, and its __new__ takes orig_func as ours does",
    "autograd.no_grad": "the same",
    "save": "a format of its own: no pickle",
    "load": "a format of its own: no pickle",
    "nn.Module": "PyTorch's takes anything, and refuses it",
    "nn.Module.forward": "each subclass has its own",
    "nn.Module.state_dict": "PyTorch's still takes positional arguments, deprecated",
    "autograd.Function": "not constructed",
}


def public_callables():
    """Yield the label, our callable, its owner in PyTorch and its name, and whether it is bound."""
    for room in ROOMS:
        ours = importlib.import_module(f"minigrad.{room}".rstrip("."))
        theirs = importlib.import_module(f"torch.{room}".rstrip("."))
        for name in ours.__all__:
            value = getattr(ours, name)
            if not callable(value) or inspect.ismodule(value):
                continue
            label = f"{room}.{name}".lstrip(".")
            yield label, value, getattr(theirs, name, None) and theirs, name, False
            for method, function in vars(value).items() if inspect.isclass(value) else ():
                if not method.startswith("_") and inspect.isfunction(function):
                    yield f"{label}.{method}", function, getattr(theirs, name), method, True


CALLABLES = {label: rest for label, *rest in public_callables()}


def parameters(function, is_method):
    found = list(inspect.signature(function).parameters.values())[int(is_method) :]
    return [p.replace(annotation=Parameter.empty) for p in found]


def fits(ours, theirs, others):
    """Whether ours are the parameters of one PyTorch overload.

    Where it has no default and ours has, we have joined two of its overloads in one function: then
    there is another one that does without.
    """
    names = {p.name for p in ours}
    theirs = [p for p in theirs.parameters.values() if p.name in names or p.name not in LACKING]
    if [(p.name, p.kind) for p in ours] != [(p.name, p.kind) for p in theirs]:
        return False
    return all(
        p.default == q.default
        if q.default is not q.empty
        else p.default is p.empty or any(p.name not in other.parameters for other in others)
        for p, q in zip(ours, theirs, strict=True)
    )


@pytest.mark.parametrize("label", [label for label in CALLABLES if label not in EXCEPT])
def test_parameters_are_pytorchs(label):
    function, owner, name, is_method = CALLABLES[label]
    assert hasattr(owner, name), "no public name of minigrad is its own"
    ours, theirs = parameters(function, is_method), overloads(owner, name)
    text = "\n".join(str(signature) for signature in theirs)
    assert any(fits(ours, signature, theirs) for signature in theirs), (
        f"{label}({', '.join(map(str, ours))}) against\n{text}"
    )


def test_exceptions_are_needed():
    assert EXCEPT.keys() <= CALLABLES.keys()
    assert torch.tensor(0.0).requires_grad_(requires_grad=True).requires_grad


def test_a_wrong_signature_is_found():
    theirs = overloads(torch.nn.functional, "conv2d")
    (right,) = [list(t.parameters.values()) for t in theirs if "padding" in t.parameters][:1]
    assert any(fits(right, t, theirs) for t in theirs)
    for wrong in (right[::-1], right[:-1], [*right[:-1], right[-1].replace(default=7)]):
        assert not any(fits(wrong, t, theirs) for t in theirs)

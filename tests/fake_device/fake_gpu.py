"""A GPU made of the CPU: it computes the same numbers, and refuses what a GPU would refuse.

A `DeviceTensor` says that it is on the device and hides a CPU tensor. Each operation on it comes to
`compute`, which raises where tensors of both places meet, and otherwise computes with what is
hidden: so a program that runs on it leaves nothing behind on the CPU, and its numbers are the
CPU's, bit for bit. It is stricter than CUDA, which takes a scalar or indices on the CPU together
with a tensor of its own, and waits for them.

It says nothing of CUDA's kernels and their rounding, of streams, autocast, memory or `torch.cuda`.

`install` holds for the rest of the process, so tests on the device have one of their own. PyTorch
made the function behind it for devices written in Python, and calls it experimental.
"""

import torch
from torch.utils import backend_registration
from torch.utils._pytree import tree_leaves, tree_map_only

NAME = "fakegpu"
SETUP = "_setup_privateuseone_for_python_backend"

aten = torch.ops.aten
MOVES = {aten.copy_.default, aten._to_copy.default}  # from one place to the other
libraries = []  # what is registered holds as long as these
waits = []  # the operations that had to wait for the device, to give a value to the CPU


class DeviceTensor(torch.Tensor):
    """A tensor on the device; `hidden` is the CPU tensor that has its values."""

    @staticmethod
    def __new__(cls, hidden):
        layout = hidden.shape, hidden.stride(), hidden.storage_offset()
        return torch.Tensor._make_wrapper_subclass(
            cls, *layout, dtype=hidden.dtype, device=torch.device(NAME, 0)
        )

    def __init__(self, hidden):
        self.hidden = hidden

    @classmethod
    def __torch_dispatch__(cls, operation, types, args=(), kwargs=None):
        return compute(operation, *args, **(kwargs or {}))

    def __repr__(self):
        return f"{self.hidden!r} on {NAME}"

    def tolist(self):
        return self.cpu().tolist()


def compute(operation, *args, **kwargs):
    """Do one operation with the hidden tensors; what is new is on the device as well."""
    given = tree_leaves((args, kwargs))
    tensors = [thing for thing in given if isinstance(thing, torch.Tensor)]
    ours = [tensor for tensor in tensors if isinstance(tensor, DeviceTensor)]
    if kwargs.get("device") is not None:
        on_device = torch.device(kwargs["device"]).type == NAME
        kwargs["device"] = torch.device("cpu")
    else:  # the first is the one that is written into, where it matters
        on_device = isinstance(tensors[0], DeviceTensor) if operation in MOVES else bool(ours)

    if 0 < len(ours) < len(tensors) and operation not in MOVES:
        met = " and ".join(f"{t.device} {t.dtype} {tuple(t.shape)}" for t in tensors)
        raise RuntimeError(f"{operation}: tensors on two devices: {met}")
    if on_device and any(isinstance(thing, torch.Generator) for thing in given):
        raise RuntimeError(f"{operation}: a CPU generator for a tensor on {NAME}")

    itself = {id(tensor.hidden): tensor for tensor in ours}  # what is computed in place
    args, kwargs = tree_map_only(DeviceTensor, lambda tensor: tensor.hidden, (args, kwargs))
    result = operation(*args, **kwargs)
    if ours and (not on_device or isinstance(result, bool | int | float)):
        waits.append(str(operation))
    if not on_device:
        return result
    return tree_map_only(
        torch.Tensor, lambda t: itself[id(t)] if id(t) in itself else DeviceTensor(t), result
    )


def install():
    """Make the device `NAME` known to PyTorch, as its accelerator."""
    getattr(backend_registration, SETUP)(NAME)
    torch.fakegpu.get_amp_supported_dtype = lambda: [torch.bfloat16]  # autocast asks, even if off
    torch.fakegpu.get_rng_state = lambda: torch.zeros(16, dtype=torch.uint8)  # it draws nothing
    torch.fakegpu.set_rng_state = lambda state: None
    torch.accelerator.synchronize = lambda device=None: waits.append("synchronize")
    everything = torch.library.Library("_", "IMPL")
    everything.fallback(compute, "PrivateUse1")  # what makes tensors: none of ours is among those
    data = torch.library.Library("aten", "IMPL")
    data.impl("_copy_from", copy_from, "PrivateUse1")  # torch.tensor(..., device=NAME) ends there
    libraries.extend([everything, data])


def copy_from(source, target, non_blocking=False):
    """Copy between the places where PyTorch does not ask the tensors' own class."""
    return compute(aten.copy_.default, target, source)

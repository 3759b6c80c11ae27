"""One training loop, two frameworks: what the loop takes from whichever it is given."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib import import_module
from typing import Any

import numpy as np

from experiments.errors import UsageError
from experiments.processes import current
from pt_reference import weights
from pt_reference.networks import classifier

NAMES = ("minigrad", "torch")


class Backend:
    """A framework with PyTorch's names, the device it computes on, and the dtype.

    Of losses on a GPU the loop looks at `look_every` at a time; on the CPU a look costs nothing.

    Parameters
    ----------
    name : {'minigrad', 'torch'}, imported here and nowhere else.
    device : 'cpu', or another of PyTorch's devices.
    dtype : {'float32', 'float64'}
    amp : whether PyTorch may take bfloat16 for the loss of a training step. It has the range of
        float32, so gradients need no scaling.

    >>> Backend("torch", dtype="float64").dtype
    torch.float64
    """

    def __init__(
        self, name: str, device: str = "cpu", dtype: str = "float32", amp: bool = False
    ) -> None:
        self.name = name
        self.device = device
        self.framework = import_module(name)
        self.nn = import_module(f"{name}.nn")
        self.optim = import_module(f"{name}.optim")
        self.data = import_module(f"{name}.utils.data")
        self.dtype = getattr(self.framework, dtype)
        self.amp = amp
        self.out_of_memory = MemoryError, getattr(self.framework, "OutOfMemoryError", MemoryError)
        self.look_every = 1 if device == "cpu" else 50
        self.processes = current()

    def classifier(self, network: Callable[[Any], Any], seed: int) -> Any:
        """Build the model from its seed: drawn in float32 on the CPU, whatever comes after.

        So both dtypes, and every device, start from the same weights.
        """
        self.framework.manual_seed(seed)
        return classifier(network(self.nn), self.nn).to(self.device, self.dtype)

    def adamax(self, model: Any, lr: float, weight_decay: float) -> Any:
        """Return the assignment's optimizer."""
        return self.optim.Adamax(model.parameters(), lr=lr, weight_decay=weight_decay)

    def loader(self, dataset: Any, batch_size: int, shuffle: bool = False) -> Any:
        """Return a DataLoader; the last, short batch is kept."""
        return self.data.DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)

    def batch(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Put images and labels on the device, the images in the dtype."""
        return x.to(self.device, self.dtype), y.to(self.device)

    def autocast(self) -> Any:
        """Return the context in which the loss of a training step is computed."""
        if not self.amp:
            return nullcontext()
        return self.framework.autocast(self.device, dtype=self.framework.bfloat16)

    def no_grad(self) -> Any:
        """Return the context in which no graph is recorded."""
        return self.framework.no_grad()

    def random_state(self) -> dict[str, Any]:
        """Return where all streams of random numbers are, as arrays."""
        numpy = np.random.get_state(legacy=False)
        numpy["state"]["key"] = numpy["state"]["key"].astype(np.int64)  # a type that a tensor has
        streams = {"cpu": self.framework.get_rng_state()}
        if self.device != "cpu":
            streams[self.device] = getattr(self.framework, self.device).get_rng_state()
        return {"framework": weights.arrays(streams), "numpy": numpy}

    def set_random_state(self, state: dict[str, Any]) -> None:
        """Go to where the streams were when `random_state` was called, on this device or another.

        A device that has no stream in the state begins at the seed that the framework gave it.
        """
        np.random.set_state(state["numpy"])
        for device, content in state["framework"].items():
            stream = self.framework.tensor(content)
            if device == "cpu":
                self.framework.set_rng_state(stream)
            elif device == self.device:
                getattr(self.framework, device).set_rng_state(stream)

    def array(self, tensor: Any) -> np.ndarray:
        """Return a tensor's values as a NumPy array of its own."""
        return weights.arrays(tensor)

    def weights(self, model: Any) -> dict[str, np.ndarray]:
        """Return a copy of a model's state as arrays."""
        return weights.arrays(model.state_dict())

    def load_weights(self, model: Any, state: dict[str, np.ndarray]) -> None:
        """Give a model the state that `weights` returned."""
        weights.load(model, state)


def backends(names: Sequence[str], device: str, dtype: str) -> list[Backend]:
    """Return the backends asked for, or say why the device cannot be had.

    minigrad computes on the CPU; `device` is PyTorch's.
    """
    if device not in ("auto", "cpu") and "torch" not in names:
        raise UsageError(
            f"--device {device} is for PyTorch, minigrad computes on the CPU: "
            f"add --backend torch, or leave --device out"
        )
    return [
        Backend(name, find_device(device, dtype) if name == "torch" else "cpu", dtype)
        for name in names
    ]


def find_device(device: str, dtype: str) -> str:
    """Return PyTorch's name of the device; 'auto' takes the GPU, of whatever make, if it is there.

    Raises UsageError if there is no such device, or it cannot compute in `dtype`.
    """
    torch = import_module("torch")
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available() and dtype != "float64",
        "cpu": True,
    }
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    kind = accelerator.type if accelerator else "cpu"
    if device == "auto":
        device = kind if there.get(kind, True) else "cpu"
    elif not there.get(device, device == kind):
        usable = " or ".join(f"--device {name}" for name, usable in there.items() if usable)
        raise UsageError(f"--device {device} is not there for PyTorch in {dtype}: use {usable}")
    processes, gpus = current(), torch.cuda.device_count()
    if processes.number > 1 and device not in ("cpu", "cuda"):
        raise UsageError(
            f"--device {device} is for one process: use --device cpu, or leave torchrun out"
        )
    if device == "cuda" and processes.local_number > gpus:
        raise UsageError(
            f"{processes.local_number} processes on this machine need a GPU each, and it has "
            f"{gpus}: use --nproc-per-node {gpus}, or --device cpu"
        )
    return device

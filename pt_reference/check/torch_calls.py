"""Which of PyTorch's functions a student's code calls."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_OF_THE_CHECKER = {  # or telling nothing
    "torch.Tensor.requires_grad_",
    "torch.Tensor.detach",
    "torch.Tensor.numpy",
    "torch.from_numpy",
}


@contextmanager
def recorded(names: set[str]) -> Iterator[None]:
    """Add to ``names`` what is called inside; do nothing while PyTorch is not imported."""
    if "torch" not in sys.modules:
        yield
        return
    from torch.overrides import TorchFunctionMode, resolve_name

    class Recorder(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            name = resolve_name(func) or ""
            if "__" not in name and name not in _OF_THE_CHECKER:
                names.add(name)
            return func(*args, **(kwargs or {}))

    with Recorder():
        yield

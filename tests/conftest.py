"""What all tests share: both frameworks, and how many examples a property is tried with.

``pytest`` takes the quick profile, which seeds its draws by the test itself, so a failure is rather
the change's doing than the dice's. The thorough one draws others for each seed:
``pytest --hypothesis-profile=long --hypothesis-seed=1``.
"""

from collections import deque
from importlib import import_module

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("quick", max_examples=25, derandomize=True, deadline=None)
settings.register_profile("long", max_examples=500, deadline=None)
settings.load_profile("quick")


@pytest.fixture(scope="session", params=["minigrad", "torch"])
def torch(request):
    """Each framework in turn: what a test claims of minigrad must hold of PyTorch itself."""
    return import_module(request.param)


@pytest.fixture(scope="session")
def agree():
    """Run one function of the framework in both; the results must be equal, or close to `rtol`."""

    def check(function, rtol=0.0, atol=None):
        ours, theirs = (function(import_module(name)) for name in ("minigrad", "torch"))
        hold_against(ours, theirs, rtol, rtol if atol is None else atol)

    return check


@pytest.fixture(scope="session")
def same_error():
    """Run one function of the framework in both: it must raise the same error, word for word."""

    def check(function):
        errors = []
        for name in ("minigrad", "torch"):
            with pytest.raises(Exception) as caught:  # noqa: PT011  any, but the same
                function(import_module(name))
            errors.append((caught.type, str(caught.value)))
        assert errors[0] == errors[1]

    return check


def hold_against(ours, theirs, rtol, atol):
    """Compare tensors, arrays, numbers and texts, in lists, tuples and dictionaries alike."""
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        ours, theirs = list(ours.values()), list(theirs.values())
    if isinstance(theirs, list | tuple | deque):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            hold_against(one, other, rtol, atol)
    elif hasattr(theirs, "detach"):
        assert str(ours.dtype) == str(theirs.dtype)
        assert tuple(ours.shape) == tuple(theirs.shape)
        ours, theirs = ours.detach().numpy(), theirs.detach().numpy()
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)
    elif isinstance(theirs, float | np.ndarray):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)
    else:
        assert ours == theirs


@pytest.fixture(scope="module")
def on_one_thread():
    """Compute on one thread, where numbers are compared to the last bit."""
    from experiments.threads import one_thread

    with one_thread():
        yield

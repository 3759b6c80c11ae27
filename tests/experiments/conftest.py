import pytest

from experiments.backend import NAMES, Backend


@pytest.fixture(params=NAMES)
def backend(request):
    """Either framework; the code under test never asks which."""
    return Backend(request.param)

import pytest
import torch

from . import fake_gpu


@pytest.fixture(scope="session")
def device():
    """The fake device, from now on in all of this process."""
    torch.set_num_threads(1)
    fake_gpu.install()
    return fake_gpu.NAME

from pathlib import Path

import numpy as np
import pytest

from experiments.run import Result
from experiments.settings import Settings
from experiments.training import Epoch

from .name import NAME


@pytest.fixture
def result():
    settings = Settings("digits", "torch", NAME, 0, "float32", "cpu", 9, 2, 0.1, 0.0, 64)
    history = [Epoch(k, None, 2.0, 0.5, 0.1) for k in range(3)]
    return Result(settings, history, 1, 0.3, 0.1, np.array([1]), np.zeros((1, 10)), Path("a"))

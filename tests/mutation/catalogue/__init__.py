"""The mistakes: for each operation, the ways to break it.

The first ones of an operation bear the names that ``page`` lists, and are made as they are
described there; the others are of the same kinds.
"""

from .activations import LEAKY_RELU, SIGMOID, SOFTMAX, TANH
from .adamax import ADAMAX
from .avg_pool2d import ADAPTIVE_AVG_POOL2D, AVG_POOL2D
from .batch_norm import BATCH_NORM
from .conv2d import CONV2D
from .cross_entropy import CROSS_ENTROPY
from .dropout import DROPOUT
from .elementary import ARITHMETIC, INDEXING, MATMUL, REDUCTIONS, SHAPES
from .engine import ENGINE
from .gradcheck import GRADCHECK
from .initialisation import INITIALISATION
from .linear import LINEAR
from .log_softmax import LOG_SOFTMAX
from .max_pool2d import MAX_POOL2D
from .nll_loss import NLL_LOSS
from .optimizers import ADAM, CLIPPING, SCHEDULES, SGD
from .pad import PAD
from .relu import RELU
from .training import TRAINING

_TARGETS = (
    LINEAR, CONV2D, MAX_POOL2D, RELU, LOG_SOFTMAX, NLL_LOSS, ENGINE, ADAMAX, INITIALISATION,
    TRAINING, MATMUL, ARITHMETIC, REDUCTIONS, INDEXING, SHAPES, PAD, AVG_POOL2D,
    ADAPTIVE_AVG_POOL2D, SOFTMAX, SIGMOID, TANH, LEAKY_RELU, CROSS_ENTROPY, BATCH_NORM, DROPOUT,
    SGD, ADAM, SCHEDULES, CLIPPING, GRADCHECK,
)  # fmt: skip
CATALOGUE = {target.name: target for target in _TARGETS}

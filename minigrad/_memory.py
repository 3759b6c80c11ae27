"""Memory that arrays let go of stays with the process, for the next ones.

A training step makes arrays of the same sizes as the step before it. The C library's malloc,
however, gives large blocks back to the operating system, and every page of the next array must be
asked for and cleared anew: a quarter of the time of a small convolutional network. It does so
until it has seen a large block freed; then it takes such sizes to be usual (glibc: mallopt(3),
M_MMAP_THRESHOLD is dynamic). So here is one, of nearly the largest size that counts. It is never
written to, so it takes no memory itself.
"""

import numpy as np

np.empty(31 * 2**20, np.uint8)

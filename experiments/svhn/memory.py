"""The memory of a training step, ready for the next one. To be imported before it is needed.

A step's arrays are as large as those of the step before. What is given back to the operating
system must be asked for and cleared again, page by page, and pages of 4 kB are many: together a
tenth of a step.
"""

import os

from minigrad import _memory  # noqa: F401  (what is freed stays with the process)

os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # PyTorch: pages of 2 MB for large arrays

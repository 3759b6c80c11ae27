"""What can be made simpler in a case: the call, the sizes, the numbers.

A knob is one such thing. It yields simpler cases, the simplest first, none when there is none.
Whether PyTorch takes them is not its concern.
"""

from pt_reference.check.simpler.arrays import Knob, all_arrays
from pt_reference.check.simpler.calls import calls
from pt_reference.check.simpler.numbers import in_order, numbers
from pt_reference.check.simpler.sizes import sizes

__all__ = ["Knob", "all_arrays", "calls", "in_order", "numbers", "sizes"]

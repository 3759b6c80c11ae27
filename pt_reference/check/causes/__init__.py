"""From the failing arrays and the pattern of failing cases to the mistake they look like.

Three sources, in the order of what they prove: the cases (wrong only for slices, only with
padding), the arrays (what would make yours equal to PyTorch's?), and counterfactuals (what would
PyTorch's have to be asked to answer as yours does?). Nothing here knows a list of mistakes.
"""

from pt_reference.check.causes.diagnose import diagnose

__all__ = ["diagnose"]

"""A case's arrays, wherever it keeps them: inputs, options, the upstream gradient."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from pt_reference.check.cases import Case

Arrays = dict[str, np.ndarray]
Knob = Callable[[Case], Iterator[Case]]

UPSTREAM = "grad_output"


def arrays_of(case: Case) -> Arrays:
    """Return the arrays among the inputs and the options."""
    return {**case.inputs, **{k: v for k, v in case.options.items() if isinstance(v, np.ndarray)}}


def all_arrays(case: Case) -> Arrays:
    """Return the same, and the upstream gradient if it is written into the case."""
    upstream = {} if case.grad_output is None else {UPSTREAM: case.grad_output}
    return {**arrays_of(case), **upstream}


def with_arrays(case: Case, changed: Arrays) -> Case:
    """Return a case with other arrays in the place of some."""
    inputs = {k: changed.get(k, v) for k, v in case.inputs.items()}
    options = {k: changed.get(k, v) for k, v in case.options.items()}
    upstream = changed.get(UPSTREAM, case.grad_output)
    return replace(case, inputs=inputs, options=options, grad_output=upstream)

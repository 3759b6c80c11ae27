"""What is said of each cause, on three levels: where, what it looks like, what to change.

A sentence helps to look at the right place, and gives no number of PyTorch's away.
"""

from collections.abc import Sequence

from pt_reference.check.results import Cause

# id: (what it looks like, what to change); {0}, {1}: what a fingerprint found
SAID = {
    "scaled": (
        "yours is {0} times as large everywhere",
        "look for a factor too many or missing{1}",
    ),
    "averaged": (
        "yours is an average where a sum is due: smaller by {0}",
        "use sum, not mean; a loss divides once, its layers do not",
    ),
    "sign": ("yours has the other sign{0}", "look for a minus that is missing, or one too many"),
    "offset": (
        "yours differs by the same number {0}: a term is missing or added",
        "compare the formula term by term",
    ),
    "zero": ("yours is zero everywhere", "is the result written where it is returned from?"),
    "transposed": (
        "rows and columns are exchanged: {0}",
        "check the order of the axes, and of (vertical, horizontal) pairs",
    ),
    "flipped": (
        "the order is reversed: {0}",
        "the layer correlates: nothing is turned, or it is turned twice",
    ),
    "shifted": (
        "yours is shifted: {0}",
        "check where slices and crops begin: padding goes on both sides",
    ),
    "not_cropped": (
        "yours is right inside, with a border of {0} more",
        "cut off the border that padding added",
    ),
    "permuted": (
        "yours has PyTorch's numbers in another order{0}",
        "transpose before you reshape, and check which index is which",
    ),
    "all_pairs": (
        "every row is paired with every target",
        "pair them: x[np.arange(N), target], not x[:, target]",
    ),
    "not_summed": (
        "a sum is missing: {0}",
        "what is used for several outputs gets the sum of their gradients",
    ),
    "summed_over_wrong_axis": (
        "yours is summed over the wrong axes{0}",
        "check the axis argument of sum: keep the axes that the result has",
    ),
    "wrong_axis": (
        "yours works along another axis{0}",
        "check the axis: which one counts samples, which one classes or units?",
    ),
    "boundary": (
        "the {0} index of axis {1} of {2} is left out or wrong",
        "check where loops and slices begin and end, and where return stands",
    ),
    "overwritten_not_added": (
        "of several contributions only the last one counts: {0}",
        "use += where several contributions meet",
    ),
    "leaks": (
        "yours is not zero where PyTorch's is",
        "what does not reach the output gets no gradient, and what is cut off is 0",
    ),
    "saturates": (
        "yours stops at a limit: numbers {0} it are cut off",
        "look for a clip, a minimum or a maximum that starts from a number",
    ),
    "ties": (
        "all of several equal maxima are paid: the gradient grows",
        "a window's gradient goes to one of its maxima, the first",
    ),
    "wrong_operand": ("yours looks like {0}", "check which array the line multiplies or compares"),
    "ignores_grad_output": (
        "yours does not depend on the upstream gradient",
        "multiply by grad_output: a layer does not know what follows it",
    ),
    "missing_term": (
        "yours is the upstream gradient itself: the rest of the formula is missing",
        "every output of a row depends on every input of it",
    ),
    "applied_twice": (
        "yours is what comes out if the input has gone through the layer before",
        "is softmax or its logarithm taken twice?",
    ),
    "padding_value": (
        "yours is right where the window is inside the image, but pads with {0}",
        "check the value that padding has: nothing may come of it",
    ),
    "inexact": (
        "yours is nearly right: it is off by a little, to one side",
        "an eps or a rough constant is in the formula: leave it out",
    ),
    "dtype": (
        "yours agrees to float32 only",
        "keep the type of the input: no cast, and no buffers of another type",
    ),
    "not_finite": (
        "NaN or infinity comes out of ordinary numbers",
        "look for a division by zero, the logarithm of 0 or of a negative number",
    ),
    "unstable": (
        "NaN, infinity or lost digits where PyTorch has numbers",
        "rewrite the formula so that exp and log meet no extremes",
    ),
    "layout": (
        "yours is right for arrays in C order only",
        "do not compute strides by hand: other arrays have other ones",
    ),
    "ignores_option": ("{0} makes no difference to yours where it should", "use {0} here too"),
    "misuses_option": ("yours is wrong only with {0}", "check what {0} does, and when"),
    "wrong_default": (
        "yours is right if {0} is passed, and wrong if it is not",
        "check the default of {0}",
    ),
    "only_negative": (
        "yours is wrong only where {0} is negative",
        "is an absolute value missing?",
    ),
    "shared_state": (
        "yours is wrong with several parameters only",
        "each parameter has its own state, and a step is counted once",
    ),
    "lagging": (
        "the first step changes nothing: the old state is used",
        "update the state before you use it",
    ),
    "stateless": ("each step is as if it were the first", "keep the state from step to step"),
    "not_in_place": (
        "step leaves the arrays as they were",
        "change the arrays themselves: p -= ..., not p = p - ...",
    ),
    "shape": ("{0}", "work the size out for one small example by hand"),
    "forward_differs": (
        "the output differs, and no simple mistake explains it",
        "work one small example out by hand",
    ),
    "backward_differs": (
        "forward is right and this gradient is not",
        "derive it again: whoever gives to an output takes from its gradient",
    ),
    "update_differs": (
        "the update differs, and no simple mistake explains it",
        "compare the formula line by line, first step first",
    ),
}


CHANGE = {  # what to change where the check itself says what is wrong
    "mutates_input": "copy before you write: x = x.copy(), or compute into a new array",
    "mutates_grad_output": "copy before you write: the caller still needs this gradient",
    "mutates_parameters": "forward and backward read the parameters; only the optimizer writes",
    "mutates_gradients": "write g = g + ..., not g += ...: the gradient is the caller's",
    "aliases": "return an array of its own: .copy(), or the result of a computation",
    "stateful": "keep what backward needs per call and object, and start sums at zero in each call",
    "random": "draw random numbers in the constructor only; np.empty is not zeros",
    "missing": "set it, or return it, at the end of backward",
    "accepts_invalid": "check the shape, and that each target is a class, before you compute",
    "raises": "print the shapes in the line that the error names",
    "dtype": SAID["dtype"][1],
}


def seen(problem: str, where: str, text: str) -> Cause:
    """Return the cause that a check has seen itself, with what it says of it."""
    return Cause(problem, where, text, CHANGE.get(problem, ""))


def say(cause: str, where: str = "", *details: object) -> Cause:
    """Return a cause with its hints; an option's name follows a colon in the id."""
    kind, _, option = cause.partition(":")
    looks, change = SAID[kind]
    found = (option, *details) if option else (*details, *[""] * 3)
    return Cause(cause, where or "everywhere", looks.format(*found), change.format(*found))


def axes_in_words(axes: Sequence[int]) -> str:
    """Return "axis 2" or "axes 2 and 3", or that there is none."""
    if not axes:
        return "no axis"
    return f"{'axis' if len(axes) == 1 else 'axes'} {' and '.join(map(str, axes))}"

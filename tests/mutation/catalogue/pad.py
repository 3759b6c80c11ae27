"""Padding of every mode."""

from ..mutant import Target, editor, mutant, record

edit = editor("minigrad/functions/pad.py")
REFLECT = "return n - 1 - np.abs(n - 1 - np.abs(np.arange(-before, n + after)))"

PAD = Target(
    "pad",
    record("pad", "pad with its own", others=("tests/functions/test_windows.py",)),
    (
        mutant(
            "reflects the edge too",
            edit(
                REFLECT,
                "around = np.arange(-before, n + after)\n    around = np.where(around < 0, -1 - around, around)\n    return np.where(around >= n, 2 * n - 1 - around, around)",
            ),
        ),
        mutant(
            "reflects at the beginning alone",
            edit(REFLECT, "return np.minimum(np.abs(np.arange(-before, n + after)), n - 1)"),
        ),
        mutant(
            "replicates the second element",
            edit(
                "np.clip(np.arange(-before, n + after), 0, n - 1)",
                "np.clip(np.arange(-before, n + after), min(1, n - 1), n - 1)",
            ),
        ),
        mutant(
            "circular repeats the near end",
            edit("around % kept if kept else around", "np.clip(around, 0, max(kept - 1, 0))"),
        ),
        mutant(
            "before and after exchanged",
            edit(
                "for axis, (before, after) in enumerate(pairs, start=1):",
                "for axis, (after, before) in enumerate(pairs, start=1):",
            ),
        ),
        mutant("the first pair is the first axis's", edit("+ pairs[::-1]\n", "+ pairs\n")),
        mutant(
            "value ignored",
            edit("return Pad.apply(input, pads, number)", "return Pad.apply(input, pads, 0)"),
        ),
        mutant(
            "the border gets the value in backward too",
            edit(
                "for b, a in ctx.pads]), 0), None, None", "for b, a in ctx.pads]), 1), None, None"
            ),
        ),
        mutant(
            "the gradient is not cropped",
            edit("tuple([(-b, -a) for b, a in ctx.pads])", "tuple([(0, 0) for b, a in ctx.pads])"),
        ),
        mutant(
            "the gradient is cropped at the wrong end",
            edit(
                "tuple([(-b, -a) for b, a in ctx.pads])", "tuple([(-a, -b) for b, a in ctx.pads])"
            ),
        ),
        mutant(
            "an element taken many times keeps the last gradient",
            edit("x[position] += line", "x[position] = line"),
        ),
        mutant(
            "a negative border is ignored",
            edit(
                "y[_inside(pads)] = x[_inside([(-b, -a) for b, a in pads])]",
                "y[_inside(pads)] = x[tuple([slice(n - max(0, b) - max(0, a)) for n, (b, a) in zip(y.shape, pads)])]",
            ),
        ),
    ),
)

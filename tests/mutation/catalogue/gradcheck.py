"""gradcheck itself: a check that finds nothing is the worst mistake of all."""

from ..mutant import Target, editor, mutant

check = editor("minigrad/gradcheck.py")
conduct, differences, jacobian = (
    editor(f"minigrad/_gradcheck/{name}.py") for name in ("conduct", "differences", "jacobian")
)
CENTRAL = "(f_above - f_below) / (above - below),"
DRAWN = "u, v = differences.random(n), differences.random(m)"
VERDICT = "verdict = np.where(np.abs(analytic - numeric) <= tolerance, RIGHT, WRONG)"

GRADCHECK = Target(
    "gradcheck",
    ("tests/test_gradcheck.py",),
    (
        mutant("finds nothing", check("if comparison is not None and comparison.wrong.any():", "if False:")),
        mutant("forgets to raise", check("if raise_exception:\n            raise\n        return False", "if raise_exception:\n            return True\n        return False")),
        mutant("False becomes True", check("            raise\n        return False", "            raise\n        return True")),
        mutant("one-sided differences", differences(CENTRAL, "(f_above - self.center) / (above - x),")),
        mutant("divided by h, not 2h", differences(CENTRAL, "(f_above - f_below) / h,")),
        mutant("divided by the step that was meant, not made", differences(CENTRAL, "(f_above - f_below) / (2 * h),")),
        mutant("the input is not put back", differences("        self.f.put(i, x)\n", "")),
        mutant("tolerance a million times as wide", differences("_RTOL = 1e-6", "_RTOL = 1.0")),
        mutant("tolerance of no noise", differences("_SAFETY = 10.0", "_SAFETY = 0.0")),
        mutant("noise a million times as large", differences("_SAFETY = 10.0", "_SAFETY = 1e7")),
        mutant("every disagreement is a kink", differences("kinked = (np.abs(gap_long) > clear) & ~shrinks", "kinked = np.abs(gap_long) >= 0")),
        mutant("no kink is seen", differences("kinked &= ~beyond", "kinked &= False")),
        mutant("a kink excuses any value", differences("np.where(between, KINK, WRONG)", "KINK")),
        mutant("the closer look accepts everything", differences(VERDICT, "verdict = np.full(analytic.shape, RIGHT)")),
        mutant("the first output alone", jacobian("for j in range(m):\n        upstream[j] = 1", "for j in range(min(m, 1)):\n        upstream[j] = 1")),
        mutant("fast mode tries no direction", jacobian("_DIRECTIONS = 3", "_DIRECTIONS = 0")),
        mutant("fast mode with an upstream of ones", jacobian(DRAWN, "u, v = differences.random(n), np.ones(m)")),
        mutant("fast mode in a direction of ones", jacobian(DRAWN, "u, v = np.ones(n), differences.random(m)")),
        mutant("fast mode accepts", jacobian("if not abs(gradient @ step - change) <= tolerance:", "if False:")),
        mutant("a random function is accepted", conduct("same = (one == other) | ((one != one) & (other != other))", "same = (one == one) | (other != other)")),
        mutant("changed inputs are not noticed", conduct("if number is not None:\n        raise", "if False:\n        raise")),
        mutant("a changed grad_output is not noticed", conduct("if old is not None and _first_difference(old, new) is not None:", "if False:")),
        mutant("backward without grad_output is accepted", conduct("if nothing.size:", "if False:")),
        mutant("nothing differentiable is accepted unseen", check("return _check_constant(f, outputs, random, eps)", "return True")),
        mutant("missing gradients are not tried", check("conduct.missing_upstream(f, upstream)", "pass")),
        mutant("dtypes are not looked at", conduct("if dtypes and not isinstance(node, ArrayCtx):", "if False:")),
        mutant("second derivatives of the inputs alone", check("args + upstream,", "args + tuple([u.detach() for u in upstream]),")),
    ),
)  # fmt: skip

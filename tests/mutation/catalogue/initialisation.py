"""The first weights."""

from ..mutant import Target, editor, mutant

edit = editor("minigrad/nn/init.py")
WEIGHT = "kaiming_uniform_(weight, a=math.sqrt(5))"
BIAS = "uniform_(bias, -bound, bound)"
KAIMING = "bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)"
XAVIER = "bound = math.sqrt(3.0) * _xavier_std(tensor, gain)"

INITIALISATION = Target(
    "initialisation",
    ("tests/nn/test_init.py",),
    (
        mutant("kaiming with a=0: ±sqrt(6/fan_in)", edit(WEIGHT, "kaiming_uniform_(weight, a=0)")),
        mutant(
            "normal instead of uniform",
            edit(WEIGHT, "kaiming_normal_(weight, a=math.sqrt(5))"),
        ),
        mutant("zeros", edit(WEIGHT, "zeros_(weight)")),
        mutant("bias zero", edit(BIAS, "zeros_(bias)")),
        mutant(
            "one-sided uniform(0, b)",
            edit(
                f"{KAIMING}\n    return uniform_(tensor, -bound,",
                f"{KAIMING}\n    return uniform_(tensor, 0.0,",
            ),
        ),
        mutant("one-sided bias", edit(BIAS, "uniform_(bias, 0.0, bound)")),
        mutant(
            "no sqrt(3) for a uniform distribution",
            edit(KAIMING, KAIMING.replace("math.sqrt(3.0) * ", "")),
        ),
        mutant("kaiming divides by fan, not its root", edit("/ math.sqrt(fan)", "/ fan")),
        mutant(
            "fan_in and fan_out exchanged",
            edit('modes = ["fan_in", "fan_out"]', 'modes = ["fan_out", "fan_in"]'),
        ),
        mutant(
            "fans without the window",
            edit("inputs * math.prod(window), outputs * math.prod(window)", "inputs, outputs"),
        ),
        mutant("gain without the slope", edit("math.sqrt(2.0 / (1 + slope**2))", "math.sqrt(2.0)")),
        mutant("gain of relu is 2", edit('"relu": math.sqrt(2)', '"relu": 2.0')),
        mutant("gain of tanh is 1", edit('"tanh": 5 / 3', '"tanh": 1')),
        mutant(
            "xavier by fan_in alone",
            edit("math.sqrt(2.0 / float(sum(_fans(tensor))))", "math.sqrt(1.0 / _fans(tensor)[0])"),
        ),
        mutant(
            "xavier without the gain", edit("return gain * math.sqrt(2.0", "return math.sqrt(2.0")
        ),
        mutant(
            "xavier's bound is its standard deviation",
            edit(XAVIER, XAVIER.replace("math.sqrt(3.0) * ", "")),
        ),
        mutant("bias by fan_out", edit("fan_in = _fans(weight)[0]", "fan_in = _fans(weight)[1]")),
        mutant(
            "the bias is drawn first",
            edit(f"    {WEIGHT}\n    if bias is not None:", "    if bias is not None:"),
            edit(BIAS, f"{BIAS}\n    {WEIGHT}"),
        ),
    ),
)

"""Products of matrices, arithmetic, sums and means, indices, and changes of shape."""

from ..mutant import Target, editor, mutant, record

matmul, arithmetic, exponential, comparison, reductions, indexing, shapes = (
    editor(f"minigrad/functions/{name}.py")
    for name in (
        "matmul",
        "arithmetic",
        "exponential",
        "comparison",
        "reductions",
        "indexing",
        "shapes",
    )
)
GRAD_A, GRAD_B = "grad_output @ b.mT", "a.mT @ grad_output if"
DIV_B = "-grad_output * ((a / b) / b)"
ABS = "flipped = Where.apply(a < 0, -grad_output, grad_output * 0.0)"
POW_A, POW_B = (
    "grad_output * (b * a ** (b - 1))",
    "Mask.apply(y * Log.apply(a), ~((a == 0) & (b >= 0)))",
)
WINNERS = "return winners * (grad_output / winners.sum()), None"
INVERSE = "inverse[axis] = place"

MATMUL = Target(
    "matmul",
    record("matmul"),
    (
        mutant("gradient of the left not transposed", matmul(GRAD_A, "grad_output @ b")),
        mutant("gradient of the right not transposed", matmul(GRAD_B, "a @ grad_output if")),
        mutant("gradients exchanged", matmul(f"{GRAD_A} if ctx.needs_input_grad[0]", "a.mT @ grad_output if ctx.needs_input_grad[0]"), matmul(f"{GRAD_B} ctx.needs_input_grad[1]", "grad_output @ b.mT if ctx.needs_input_grad[1]")),
        mutant("gradient of the right of the first matrix alone", matmul(GRAD_B, "(a.mT * 0 + a.mT[..., :1, :1]) @ grad_output if")),
        mutant("gradient of the left doubled", matmul(GRAD_A, f"2 * {GRAD_A}")),
        mutant("a vector on the left keeps its axis", matmul("product = product.squeeze(-1 if b.ndim == 1 else -2)", "product = product")),
        mutant("batches multiplied elementwise", matmul("return a @ b\n", "return a * b if a.shape == b.shape else a @ b\n")),
        mutant("transposes all axes, not the last two", matmul(GRAD_A, "grad_output @ b.transpose() if not hasattr(b, '_array') else grad_output @ b.mT")),
    ),
)  # fmt: skip

ARITHMETIC = Target(
    "arithmetic",
    record("add", "add alpha", "sub", "sub alpha", "mul", "div", "div rounded", "remainder", "pow", "neg", "abs", "exp", "log", "sqrt", "where"),
    (
        mutant("sub: sign of the second gradient", arithmetic("return grad_output, -grad_output if ctx.needs_input_grad[1] else None", "return grad_output, grad_output")),
        mutant("div: sign of the second gradient", arithmetic(DIV_B, "grad_output * ((a / b) / b)")),
        mutant("div: b not squared", arithmetic(DIV_B, "-grad_output * (a / b)")),
        mutant("div: a forgotten", arithmetic(DIV_B, "-grad_output * ((1 / b) / b)")),
        mutant("pow: exponent not lowered", arithmetic(POW_A, "grad_output * (b * a**b)")),
        mutant("pow: b forgotten", arithmetic(POW_A, "grad_output * a ** (b - 1)")),
        mutant("pow: no logarithm", arithmetic(POW_B, "y")),
        mutant("pow: NaN at 0 ** 0", arithmetic(f"Mask.apply({POW_A}, b != 0)", POW_A)),
        mutant("pow: NaN at 0 ** b", arithmetic(POW_B, "(y * Log.apply(a))")),
        mutant("neg: gradient keeps its sign", arithmetic("return -grad_output\n", "return grad_output\n")),
        mutant("abs: gradient 1 at 0", arithmetic("return Where.apply(a > 0, grad_output, flipped)", "return Where.apply(a >= 0, grad_output, flipped)")),
        mutant("abs: gradient 1 below 0", arithmetic(ABS, ABS.replace("-grad_output", "grad_output"))),
        mutant("remainder: no gradient of the divisor", arithmetic('return grad_output, -grad_output * RoundedDiv.apply(a, b, "floor")', "return grad_output, grad_output * 0.0")),
        mutant("alpha ignored", arithmetic("return mul(other, alpha)", "return mul(other, 1)")),
        mutant("div rounds towards zero with 'floor'", arithmetic('if rounding_mode == "floor":\n            return np.floor_divide', 'if False:\n            return np.floor_divide')),
        mutant("exp: gradient by x", exponential("        y = np.exp(x)\n        ctx.save_for_backward(y)", "        y = np.exp(x)\n        ctx.save_for_backward(x)")),
        mutant("log: gradient times x", exponential("return grad_output / x", "return grad_output * x")),
        mutant("sqrt: no 2", exponential("return grad_output / (2 * y)", "return grad_output / y")),
        mutant("where: gradients exchanged", comparison("Mask.apply(grad_output, condition) if ctx.needs", "Mask.apply(grad_output, ~condition) if ctx.needs"), comparison("Mask.apply(grad_output, ~condition) if ctx.needs_input_grad[2]", "Mask.apply(grad_output, condition) if ctx.needs_input_grad[2]")),
        mutant("a mask passes 0 times infinity", comparison("return (-condition.astype(bits) & x.view(bits)).view(x.dtype)", "return x * condition.astype(x.dtype)")),
    ),
)  # fmt: skip

REDUCTIONS = Target(
    "reductions",
    record("sum", "sum of all", "mean", "max", "min", "max along", "min along", "sum_to_size"),
    (
        mutant("mean: gradient not divided", reductions("grad_output / (ctx.n or 1)", "grad_output")),
        mutant("mean: divided by all elements", reductions("math.prod([ctx.shape[axis] for axis in axes])", "math.prod(ctx.shape)")),
        mutant("mean: forward a sum", reductions("/ x.dtype.type(ctx.n)", "/ x.dtype.type(1)")),
        mutant("sum: gradient is averaged", reductions("return _spread(grad_output, ctx.shape, ctx.axes), None, None", "return _spread(grad_output / max(1, math.prod([ctx.shape[a] for a in ctx.axes])), ctx.shape, ctx.axes), None, None")),
        mutant("sum: gradient along the wrong axis", reductions("1 if axis in axes else size", "1 if len(shape) - 1 - axis in axes else size")),
        mutant("sum: keepdim ignored", reductions("return x.sum(axis=axes, keepdims=keepdim)\n", "return x.sum(axis=axes)\n")),
        mutant("max: every winner gets the full gradient", reductions(WINNERS, "return winners * grad_output, None")),
        mutant("max: the first winner gets everything", reductions("winners = (x == y) | ((x != x) & (y != y))", "winners = (x == y) | ((x != x) & (y != y))\n        winners = winners & (np.cumsum(getattr(winners, '_array', winners)).reshape(x.shape) == 1)")),
        mutant("max: NaN has no winner", reductions(" | ((x != x) & (y != y))", "")),
        mutant("max along: last of equals", reductions('getattr(np, f"arg{name}")(x._array, axis=axis, keepdims=True)', 'x._array.shape[axis] - 1 - getattr(np, f"arg{name}")(np.flip(x._array, axis), axis=axis, keepdims=True)')),
        mutant("min is max", reductions("y = x.max() if largest else x.min()", "y = x.max()")),
        mutant("sum_to_size takes the mean", reductions("grad = Sum.apply(grad, (*range", "grad = Mean.apply(grad, (*range")),
    ),
)  # fmt: skip

INDEXING = Target(
    "indexing",
    record("getitem", "getitem mask", "iterate", "setitem", "setitem number", "take_along_dim", "max along", "copy_", "fill_"),
    (
        mutant("an element named twice gets one gradient", indexing("if repeats:", "if False:")),
        mutant("repeats are not looked for", indexing("repeats = any([isinstance(part, np.ndarray) for part in ctx.index])", "repeats = False")),
        mutant("setitem: old elements keep their gradient", indexing("IndexPut.apply(grad_output, 0.0, ctx.steps)", "grad_output")),
        mutant("setitem: value gets no gradient", indexing("ctx.steps), _read(grad_output, ctx.steps), None", "ctx.steps), 0 * _read(grad_output, ctx.steps), None")),
        mutant("setitem: the whole gradient goes to value", indexing("ctx.steps), _read(grad_output, ctx.steps), None", "ctx.steps), _read(0 * grad_output + 1, ctx.steps), None")),
        mutant("number beside a tensor counts as a tensor", indexing("if not any(arrays) or all(arrays):", "if True:")),
        mutant("along an axis: gradient in the first line", indexing("np.put_along_axis(y, indices, x, axis)", "np.put_along_axis(y, indices * 0, x, axis)")),
        mutant("take_along_dim: gradients overwrite", indexing("return GetItem.apply(input, tuple(index))", "return TakeAlongDim.apply(input, indices._array, axis)")),
        mutant("bytes are numbers, not a mask", indexing("index = index.astype(bool)", "index = index.astype(np.int64)")),
        mutant("negative steps are taken", indexing("index.step < 1", "index.step == 0")),
        mutant("second derivative: not read back", indexing("return grad_output[ctx.index], None, None, None", "return grad_output[ctx.index] * 0, None, None, None")),
    ),
)  # fmt: skip

SHAPES = Target(
    "shapes",
    record("view", "view_as", "reshape", "flatten", "unflatten", "transpose", "permute", "permute a tuple", "t", "T", "mT", "squeeze all", "squeeze", "unsqueeze", "expand", "cat", "stack", "cat with itself"),
    (
        mutant("permute: gradient permuted again, not back", shapes("return Permute.apply(grad_output, tuple(inverse)), None", "return Permute.apply(grad_output, ctx.dims), None")),
        mutant("permute: gradient in the order of another shape", shapes("return Permute.apply(grad_output, tuple(inverse)), None", "return grad_output.reshape([grad_output.shape[k] for k in inverse]), None")),
        mutant("transpose: the first axis and the last", shapes("order[a], order[b] = b, a", "order[0], order[-1] = order[-1], order[0]")),
        mutant("view: elements in Fortran order", shapes("return x.reshape(shape, copy=False)", 'return x.reshape(shape, order="F")')),
        mutant("cat: gradients in the wrong order", shapes("for end, length in zip(ends, ctx.lengths, strict=True)\n        ]", "for end, length in zip(ends, ctx.lengths, strict=True)\n        ][::-1]")),
        mutant("cat: every part from the beginning", shapes("slice(end - length, end)", "slice(0, length)")),
        mutant("cat: along the first axis whatever dim says", shapes("return np.concatenate(arrays, axis)", "return np.concatenate(tensors, 0)")),
        mutant("expand: gradient not summed", shapes("return np.broadcast_to(x, shape)\n\n    @staticmethod\n    def backward(ctx: Any, grad_output: Any) -> Any:\n        return grad_output, None", "ctx.shape = x.shape\n        return np.broadcast_to(x, shape)\n\n    @staticmethod\n    def backward(ctx: Any, grad_output: Any) -> Any:\n        extra = grad_output.ndim - len(ctx.shape)\n        first = tuple(slice(0, n) for n in ctx.shape)\n        return grad_output[(0,) * extra][first], None")),
        mutant("squeeze: every axis", shapes("if axis not in axes or n != 1", "if n != 1")),
        mutant("unsqueeze: one axis too late", shapes("(*shape[:axis], 1, *shape[axis:])", "(*shape[: axis + 1], 1, *shape[axis + 1 :])")),
        mutant("flatten: end_dim left out", shapes("math.prod(shape[start : end + 1]), *shape[end + 1 :]", "math.prod(shape[start:end]), *shape[end:]")),
        mutant("stack: along a new first axis", shapes("return cat([unsqueeze(tensor, dim) for tensor in tensors], dim)", "return cat([unsqueeze(tensor, 0) for tensor in tensors], 0)")),
    ),
)  # fmt: skip

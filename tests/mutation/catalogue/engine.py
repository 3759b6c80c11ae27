"""The autograd engine: the walk, the sums, the memory, and what it refuses."""

from ..mutant import Edit, Target, editor, mutant, record

edit, graph = editor("minigrad/engine.py"), editor("minigrad/graph.py")
function, array_function = editor("minigrad/function.py"), editor("minigrad/array_function.py")
arithmetic, reductions = (
    editor(f"minigrad/functions/{name}.py") for name in ("arithmetic", "reductions")
)
FILES = (
    "backward", "graph", "aliasing", "autograd_grad", "freed_graph", "inplace", "grad_mode",
    "custom_function", "deep_chain",
)  # fmt: skip
AT_LEAF = "leaves[maker] = leaves[maker] + grad if maker in leaves else grad"
ON_THE_WAY = "sums[output_nr] = grad if before is None else before + grad"
PUSH, POP = "heapq.heappush(queue, (-maker.order, maker))", "heapq.heappop(queue)"
IN_PLACE = (
    edit("import heapq", "import heapq\nimport operator"),
    edit(ON_THE_WAY, ON_THE_WAY.replace("before + grad", "operator.iadd(before, grad)")),
)
OVERWRITTEN = (
    edit(AT_LEAF, "leaves[maker] = grad"),
    edit(ON_THE_WAY, "sums[output_nr] = grad"),
)

ENGINE = Target(
    "engine",
    record(
        "add",
        "mul",
        "flatten",
        others=tuple(f"tests/engine/test_{name}.py" for name in FILES),
    ),
    (
        mutant("fan-out overwrites instead of accumulating", *OVERWRITTEN),
        mutant(
            "not a topological order (pre-order walk)",
            edit(PUSH, "queue.append((0, maker))"),
            edit(POP, "queue.pop()"),
        ),
        mutant(
            "un-broadcast handles new leading axes only",
            reductions("(*range(extra), *stretched), True)", "tuple(range(extra)), True)"),
            reductions(
                "    return grad.reshape(shape)\n", "    return grad.reshape(grad.shape[extra:])\n"
            ),
        ),
        mutant(
            "backward() on a non-scalar silently uses ones",
            edit("if root._array.size != 1:", "if root._array.size < 0:"),
        ),
        mutant("accumulates in place into a shared array", *IN_PLACE),
        mutant(
            "requires_grad=False leaf gets a gradient",
            array_function(
                "if recording and arg._requires_grad:",
                "if recording and arg.dtype.is_floating_point:",
            ),
        ),
        mutant(
            "mul gradient multiplies by the wrong operand",
            arithmetic(
                "a if ctx.needs_input_grad[1] else None, b if ctx.needs_input_grad[0] else None",
                "a, b",
            ),
            arithmetic("grad_output * b if ctx.needs", "grad_output * a if ctx.needs"),
            arithmetic(
                "grad_output * a if ctx.needs_input_grad[1]",
                "grad_output * b if ctx.needs_input_grad[1]",
            ),
        ),
        mutant(
            'flatten/reshape ravel(order="K") / F-order',
            Edit(
                "minigrad/functions/shapes.py",
                "return x.reshape(shape, copy=False)",
                'return x.ravel(order="K").reshape(shape)',
            ),
        ),
        mutant("fan-out overwrites at a leaf alone", OVERWRITTEN[0]),
        mutant("fan-out overwrites on the way alone", OVERWRITTEN[1]),
        mutant(
            "breadth first, not in topological order",
            edit(PUSH, "queue.append((0, maker))"),
            edit(POP, "queue.pop(0)"),
        ),
        mutant(
            "the operation recorded first comes first", edit(PUSH, PUSH.replace("-maker", "maker"))
        ),
        mutant(
            "accumulates in place at a leaf",
            IN_PLACE[0],
            edit(
                AT_LEAF,
                AT_LEAF.replace("leaves[maker] + grad", "operator.iadd(leaves[maker], grad)"),
            ),
        ),
        mutant(
            "un-broadcast takes the mean",
            reductions("grad = Sum.apply(grad, (*range", "grad = Mean.apply(grad, (*range"),
        ),
        mutant(
            "a second backward overwrites the gradient",
            graph("leaf.grad._array += grad", "leaf.grad._array[...] = grad"),
        ),
        mutant(
            "the first gradient is not copied",
            graph("grad.copy()", "grad"),
        ),
        mutant(
            "a second backward makes a new gradient",
            graph("leaf.grad._array += grad", "leaf._begin_grad(leaf.grad._array + grad)"),
        ),
        mutant(
            "the given gradient is ignored",
            edit("upstream.append(grad)", "upstream.append(wrap(np.ones_like(grad._array)))"),
        ),
        mutant(
            "a gradient keeps the wrong dtype",
            edit("grad = Cast.apply(grad, dtype)", "grad = grad[...]"),
        ),
        mutant("grad() hands out shared memory", edit("wrap(np.array(g))", "wrap(np.asarray(g))")),
        mutant(
            "inputs= does not spare the leaves",
            edit(
                "if inputs is None:\n                leaf.accumulate(grad)\n            else:",
                "if True:\n                leaf.accumulate(grad)\n            if inputs is not None:",
            ),
        ),
        mutant("retain_graph is ignored: always freed", edit("if not retain_graph:", "if True:")),
        mutant("the graph is never freed", edit("if not retain_graph:", "if False:")),
        mutant(
            "create_graph is ignored",
            edit(
                "with set_grad_enabled(create_graph), np.errstate",
                "with set_grad_enabled(False), np.errstate",
            ),
        ),
        mutant(
            "a change in place is not noticed",
            function(
                "if versions[0] != version:",
                "if versions[0] < version:",
            ),
        ),
        mutant("retain_grad keeps nothing", edit("if node.retained or captured:", "if captured:")),
        mutant(
            "no_grad records all the same",
            array_function("recording = grad_mode.enabled", "recording = True"),
        ),
    ),
)

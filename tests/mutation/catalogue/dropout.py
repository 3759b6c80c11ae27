"""Dropout, of elements and of channels."""

from ..mutant import Target, editor, mutant

edit, layer = editor("minigrad/functions/dropout.py"), editor("minigrad/nn/dropout.py")
KEEP = "keep = rand_like(like, dtype=float64) < 1 - p"
SCALED = "return keep.to(like.dtype).div_(1 - p)"

DROPOUT = Target(
    "dropout",
    ("tests/nn/test_dropout.py", "tests/nn/test_layers.py", "tests/test_signatures.py", "-k", "dropout"),
    (
        mutant("no 1 / (1 - p)", edit(SCALED, "return keep.to(like.dtype)")),
        mutant("divided by p", edit(SCALED, "return keep.to(like.dtype).div_(p)")),
        mutant("multiplied by 1 - p", edit(SCALED, "return keep.to(like.dtype).mul_(1 - p)")),
        mutant("keeps with probability p", edit(KEEP, "keep = rand_like(like, dtype=float64) < p")),
        mutant("drops the small numbers", edit(KEEP, "keep = rand_like(like, dtype=float64) >= p")),
        mutant(
            "mask redrawn in backward",
            edit(
                "return input * _noise(input, p) if training and p else input",
                "if not (training and p):\n        return input\n    from minigrad.autograd import Function\n\n"
                "    class Redrawn(Function):\n        @staticmethod\n        def forward(ctx, x):\n            return x * _noise(x, p)\n\n"
                "        @staticmethod\n        def backward(ctx, grad_output):\n            return grad_output * _noise(grad_output, p)\n\n"
                "    return Redrawn.apply(input)",
            ),
        ),
        mutant("gradient passes unmasked", edit("return input * _noise(input, p) if training", "return input + (input * (_noise(input, p) - 1)).detach() if training")),
        mutant("active in evaluation", edit("_noise(input, p) if training and p", "_noise(input, p) if p")),
        mutant("channels: active in evaluation", edit("if not (training and p):", "if not p:")),
        mutant("layer active in evaluation", layer("F.dropout(input, self.p, self.training", "F.dropout(input, self.p, True")),
        mutant("one mask for every call", edit(KEEP, "from minigrad.generator import Generator\n    from minigrad.random import rand\n    keep = rand(*like.shape, generator=Generator().manual_seed(0), dtype=float64) < 1 - p")),
        mutant("channels: every element by itself", edit("channels = empty(*input.shape[:2], *[1] * (input.ndim - 2), dtype=input.dtype)", "channels = empty(*input.shape, dtype=input.dtype)")),
        mutant("channels: the same ones for the whole batch", edit("channels = empty(*input.shape[:2],", "channels = empty(1, input.shape[1],")),
        mutant("p = 1 divides by 0", edit("if p == 1:", "if False:")),
        mutant("drawn in float32", edit(KEEP, "keep = rand_like(like) < 1 - p")),
        mutant("default p 0.1", layer("p: float = 0.5", "p: float = 0.1")),
    ),
)  # fmt: skip

"""Wrong layers: right ones (students/plain.py) with one edit, and what must be said of them."""

# ruff: noqa: E501  (a table: one mistake a line)

from dataclasses import dataclass
from pathlib import Path

STUDENTS = Path(__file__).with_name("students")


@dataclass(frozen=True)
class Mistake:
    layer: str
    old: str
    new: str
    where: str  # of the first finding
    cause: str
    severity: str = "error"
    file: str = "plain"

    @property
    def source(self):
        right = (STUDENTS / f"{self.file}.py").read_text()
        start = right.index(f"class {self.layer}")
        end = right.find("\nclass ", start) % (len(right) + 1)
        body = right[start:end]
        assert self.old in body
        return right[:start] + body.replace(self.old, self.new, 1) + right[end:]


# fmt: off
MISTAKES = {
    "weight gradient transposed": Mistake("Linear", '"no,ni->oi"', '"no,ni->io"', "grad_weight", "transposed"),
    "bias gradient not summed": Mistake("Linear", "g.sum(0)", "g", "grad_bias", "not_summed"),
    "sign of grad_input": Mistake("Linear", "return grad_output @", "return -grad_output @", "grad_input", "sign"),
    "accumulates for ever": Mistake("Linear", "self.grad_weight = ", "self.grad_weight = getattr(self, 'grad_weight', 0) + ", "grad_weight", "stateful"),
    "random": Mistake("Linear", "return y if", "y = y * np.random.uniform(1, 2)\n        return y if", "output", "random"),
    "computes in float32": Mistake("Linear", "self.x = x", "x = self.x = x.astype(np.float32)\n        self.weight = self.weight.astype(np.float32)\n        self.bias = None if self.bias is None else self.bias.astype(np.float32)", "output", "dtype"),
    "bias gradient over the batch only": Mistake("Conv2d", "g.sum((0, 2, 3))", "g.sum(0)", "grad_bias", "not_summed"),
    "grad_input flipped": Mistake("Conv2d", "return grad[0] if", "grad = grad[..., ::-1, ::-1].copy()\n        return grad[0] if", "grad_input", "flipped"),
    "no dilation": Mistake("Conv2d", "b, h * dh, w * dw, h * sh, w * sw)", "b, h, w, h * sh, w * sw)", "output", "ignores_option:dilation"),
    "no bias gradient": Mistake("Conv2d", "self.grad_bias = g.sum((0, 2, 3))", "pass", "grad_bias", "missing"),
    "default stride 1": Mistake("MaxPool2d", "kernel_size if stride is None", "1 if stride is None", "output", "wrong_default:stride"),
    "last maximum": Mistake("MaxPool2d", "best = window.argmax(-1)", "best = window.shape[-1] - 1 - window[..., ::-1].argmax(-1)", "grad_input", "convention:ties", "note"),
    "1 at 0": Mistake("ReLU", "x > 0", "x >= 0", "grad_input", "convention:kink", "note"),
    "2 at 0": Mistake("ReLU", "x > 0", "((x > 0) + 2 * (x == 0)).astype(x.dtype)", "grad_input", "backward_differs"),
    "changes grad_output": Mistake("ReLU", "return grad_output * self.mask", "grad_output *= self.mask\n        return grad_output.copy()", "grad_output", "mutates_grad_output"),
    "one mask for all": Mistake("ReLU", "self.mask", "ReLU.mask", "grad_input", "stateful"),
    "overflows": Mistake("LogSoftmax", "z = x - x.max(axis=self.dim, keepdims=True)", "z = x", "output", "unstable"),
    "changes x": Mistake("LogSoftmax", "z = x - x.max", "z = x\n        z -= x.max", "x", "mutates_input"),
    "sign": Mistake("NLLLoss", "losses = -np.where", "losses = np.where", "output", "sign"),
    "accepts (N, 1) targets": Mistake("NLLLoss", "if target.shape != (n,)", "if False", "input", "accepts_invalid"),
    "no bias correction": Mistake("Adamax", "(1 - beta1**self.t)", "1", "update at step 1", "scaled"),
    "default lr": Mistake("Adamax", "lr=0.002", "lr=0.001", "update at step 1", "wrong_default:lr"),
    "not in place": Mistake("Adamax", "p -= self.lr", "self.params[i] = p - self.lr", "update at step 1", "not_in_place"),
    "changes the gradient": Mistake("Adamax", "g = g + self.weight_decay", "g += self.weight_decay", "grads", "mutates_gradients"),
    "Function: changes grad_output": Mistake("ReLU", "return grad_output *", "grad_output[x <= 0] = 0\n        return grad_output + 0 *", "grad_output", "mutates_grad_output", file="minigrad_modules"),
    "Function: slope x": Mistake("ReLU", "return grad_output * (x > 0)", "return grad_output * x", "grad_input", "wrong_operand", file="minigrad_modules"),
    "Module: order of axes": Mistake("MaxPool2d", "permute(0, 1, 2, 4, 3, 5)", "permute(0, 1, 4, 2, 5, 3)", "output", "permuted", file="minigrad_modules"),
    "Module: no bias": Mistake("Linear", "y + self.bias", "y", "output", "ignores_option:bias", file="minigrad_modules"),
    "Optimizer: float64": Mistake("Adamax", "p -= ", "p.data = p.data.double() - ", "update at step 1", "dtype", file="minigrad_modules"),
    "Optimizer: default lr": Mistake("Adamax", "lr=0.002", "lr=0.001", "update at step 1", "wrong_default:lr", file="minigrad_modules"),
}

"""SGD, Adam and AdamW, the schedules of their rates, and the clipping of gradients."""

from ..mutant import Target, editor, mutant

sgd, adam, moments, shared = (
    editor(f"minigrad/optim/{name}.py") for name in ("sgd", "adam", "moments", "optimizer")
)
schedule, clip = editor("minigrad/optim/lr_scheduler.py"), editor("minigrad/nn/utils/clip_grad.py")
NESTEROV = 'g = g + group["momentum"] * v if group["nesterov"] else v'
DECAY = 'g = g + group["weight_decay"] * param'
STEP = "param -= lr / (1 - beta1**t) * m / scale"
SCALE = 'scale = np.sqrt(v) / (1 - beta2**t) ** 0.5 + group["eps"]'
LARGEST = "v = np.maximum(state[name]._array, v, out=state[name]._array)"
SHRINK = 'param *= 1 - lr * group["weight_decay"]'
FACTOR = "scale = float(max_norm) / (total_norm + 1e-6)"
AT_MOST_1 = "at_most_1 = wrap(np.minimum(scale._array, np.ones_like(scale._array)))"

SGD = Target(
    "sgd",
    ("tests/optim/test_steps.py", "tests/optim/test_arguments.py", "tests/optim/test_state_dict.py", "-k", "SGD or momentum or closure or zero_grad or change"),
    (
        mutant("gradient ascent (+=)", sgd('param -= group["lr"] * g', 'param += group["lr"] * g')),
        mutant("momentum begins at 0 with the dampened gradient", sgd("wrap(g.copy())", 'wrap((1 - group["dampening"]) * g)')),
        mutant("momentum buffer is the first gradient itself", sgd("wrap(g.copy())", "wrap(grad)")),
        mutant("dampening ignored", sgd('v += (1 - group["dampening"]) * g', "v += g")),
        mutant("momentum never decays", sgd('v *= group["momentum"]', "v *= 1.0")),
        mutant("nesterov ignored", sgd(NESTEROV, "g = v")),
        mutant("nesterov without the gradient", sgd(NESTEROV, 'g = group["momentum"] * v if group["nesterov"] else v')),
        mutant("decoupled weight decay", sgd(DECAY, 'param *= 1 - group["lr"] * group["weight_decay"]')),
        mutant("weight decay ignored", sgd(DECAY, "g = g + 0 * param")),
        mutant("maximize ignored", sgd('-grad if group["maximize"] else grad', "grad")),
        mutant("the rate inside the momentum", sgd('v += (1 - group["dampening"]) * g', 'v += (1 - group["dampening"]) * g * group["lr"]')),
        mutant("default lr 1e-2", sgd("lr: float = 1e-3", "lr: float = 1e-2")),
        mutant("zero_grad clears nothing", shared("param.grad = None if set_to_none else", "param.grad = param.grad if set_to_none else")),
        mutant("parameters without a gradient are stepped", shared("[p for p in group[\"params\"] if p.grad is not None]", "[p for p in group[\"params\"] if p.grad is not None or setattr(p, 'grad', p.detach() * 0) is None]")),
        mutant("the first group's settings for all", shared("block.state, group)", "block.state, self.param_groups[0])")),
        mutant("the closure runs without gradients", shared("with enable_grad():", "if True:")),
    ),
)  # fmt: skip

ADAM = Target(
    "adam",
    ("tests/optim/test_steps.py", "tests/optim/test_arguments.py", "tests/optim/test_state_dict.py", "-k", "Adam or adam or amsgrad"),
    (
        mutant("no bias correction of the mean", adam(STEP, "param -= lr * m / scale")),
        mutant("no bias correction of the squares", adam(SCALE, 'scale = np.sqrt(v) + group["eps"]')),
        mutant("bias correction of the squares outside of the root", adam(SCALE, 'scale = np.sqrt(v) / (1 - beta2**t) + group["eps"]')),
        mutant("bias corrections exchanged", adam(STEP, STEP.replace("beta1", "beta2"))),
        mutant("eps inside the root", adam(SCALE, 'scale = np.sqrt(v / (1 - beta2**t) + group["eps"])')),
        mutant("eps before the bias correction", adam(SCALE, '''scale = (np.sqrt(v) + group["eps"]) / (1 - beta2**t) ** 0.5''')),
        mutant("squares not squared", adam("v += (1 - beta2) * g * g", "v += (1 - beta2) * np.abs(g)")),
        mutant("no root", adam(SCALE, SCALE.replace("np.sqrt(v)", "v"))),
        mutant("squares never decay", adam("v *= beta2", "v *= 1.0")),
        mutant("amsgrad ignored", adam('("max_exp_avg_sq",) if group["amsgrad"] else ()', "()")),
        mutant("amsgrad keeps the smallest", adam(LARGEST, LARGEST.replace("maximum", "minimum"))),
        mutant("amsgrad's largest replaces the mean of squares", adam(LARGEST, f"{LARGEST}\n            state['exp_avg_sq']._array[...] = v")),
        mutant("amsgrad of corrected squares", adam(LARGEST, "v = np.maximum(state[name]._array, v / (1 - beta2**t), out=state[name]._array) * (1 - beta2**t)")),
        mutant("decay is decoupled in Adam too", adam('if group["weight_decay"] and group["decoupled_weight_decay"]:', 'if group["weight_decay"]:')),
        mutant("decay is not decoupled in AdamW", adam("decoupled_weight_decay=True,", "decoupled_weight_decay=False,")),
        mutant("decoupled decay without the rate", adam(SHRINK, 'param *= 1 - group["weight_decay"]')),
        mutant("decoupled decay after the step", adam(SHRINK, "pass"), adam(STEP, f'{STEP}\n        if group["weight_decay"] and group["decoupled_weight_decay"]:\n            {SHRINK}')),
        mutant("AdamW's default decay is 0", adam("weight_decay: float = 1e-2", "weight_decay: float = 0")),
        mutant("default lr 2e-3 (Adamax's)", adam("        lr: float = 1e-3,\n        betas: tuple[float, float] = (0.9, 0.999),\n        eps: float = 1e-8,\n        weight_decay: float = 0,", "        lr: float = 2e-3,\n        betas: tuple[float, float] = (0.9, 0.999),\n        eps: float = 1e-8,\n        weight_decay: float = 0,")),
        mutant("betas exchanged", adam("(beta1, beta2) = group", "(beta2, beta1) = group")),
        mutant("maximize ignored", adam('-grad if group["maximize"] else grad', "grad")),
        mutant("step counter starts at 0", adam('"exp_avg_sq", *largest)', '"exp_avg_sq", *largest) - 1')),
        mutant("gradient ascent (+=)", adam(STEP, STEP.replace("-=", "+="))),
        mutant("update uses last step's m", adam("move_mean(m, g, beta1)", "last = m.copy()\n        move_mean(m, g, beta1)"), adam(STEP, STEP.replace("* m", "* last"))),
        mutant("moments in float64 for float32", moments("dtype=from_numpy_dtype(param.dtype)", 'dtype=from_numpy_dtype(param.astype("float64").dtype)')),
    ),
)  # fmt: skip

SCHEDULES = Target(
    "lr_scheduler",
    ("tests/optim/test_lr_scheduler.py",),
    (
        mutant("StepLR: one epoch late", schedule("self.last_epoch % self.step_size:", "(self.last_epoch - 1) % self.step_size:")),
        mutant("StepLR: reduces in epoch 0", schedule("if self.last_epoch == 0 or self.last_epoch", "if self.last_epoch")),
        mutant("StepLR: from the first rate, not the present one", schedule("return [rate * self.gamma for rate in rates]", "return [rate * self.gamma for rate in self.base_lrs]")),
        mutant("StepLR: divides by gamma", schedule("return [rate * self.gamma for", "return [rate / self.gamma for")),
        mutant("StepLR: the first group alone", schedule("return [rate * self.gamma for rate in rates]", "return [rates[0] * self.gamma, *rates[1:]]")),
        mutant("StepLR: default gamma 0.5", schedule("step_size: int, gamma: float = 0.1", "step_size: int, gamma: float = 0.5")),
        mutant("plateau: a tie is better", schedule("current < limit", "current <= limit")),
        mutant("plateau: threshold ignored", schedule("limit = self.best * (1.0 + sign * self.threshold)", "limit = self.best")),
        mutant("plateau: threshold's sign", schedule("limit = self.best + sign * self.threshold", "limit = self.best - sign * self.threshold")),
        mutant("plateau: rel and abs exchanged", schedule('if self.threshold_mode == "rel":', 'if self.threshold_mode == "abs":')),
        mutant("plateau: mode ignored", schedule('return current > limit if self.mode == "max" else current < limit', "return current < limit")),
        mutant("plateau: one epoch too patient", schedule("if self.num_bad_epochs > self.patience:", "if self.num_bad_epochs > self.patience + 1:")),
        mutant("plateau: one epoch too early", schedule("if self.num_bad_epochs > self.patience:", "if self.num_bad_epochs >= self.patience:")),
        mutant("plateau: bad epochs are not forgotten after an improvement", schedule("            self.best = current\n            self.num_bad_epochs = 0", "            self.best = current")),
        mutant("plateau: bad epochs are not forgotten after a reduction", schedule("            self.cooldown_counter = self.cooldown\n            self.num_bad_epochs = 0", "            self.cooldown_counter = self.cooldown")),
        mutant("plateau: cooldown ignored", schedule("self.cooldown_counter = self.cooldown\n", "self.cooldown_counter = 0\n")),
        mutant("plateau: min_lr ignored", schedule('rate = max(group["lr"] * self.factor, least)', 'rate = group["lr"] * self.factor')),
        mutant("plateau: eps ignored", schedule('if group["lr"] - rate > self.eps:', "if True:")),
        mutant("plateau: compares with the last, not the best", schedule("        else:\n            self.num_bad_epochs += 1", "        else:\n            self.best = current\n            self.num_bad_epochs += 1")),
        mutant("plateau: NaN is better", schedule("current < limit", "not current >= limit")),
    ),
)  # fmt: skip

CLIPPING = Target(
    "clip_grad_norm_",
    ("tests/nn/test_clip_grad.py",),
    (
        mutant("each gradient by its own norm", clip("for grad in _gradients(parameters):\n            grad.mul_(at_most_1)", "for grad in _gradients(parameters):\n            own = float(max_norm) / (_norm(grad, 2.0) + 1e-6)\n            grad.mul_(wrap(np.minimum(own._array, 1)))")),
        mutant("short gradients are stretched", clip(AT_MOST_1, "at_most_1 = scale")),
        mutant("no 1e-6", clip(FACTOR, "scale = float(max_norm) / total_norm")),
        mutant("max_norm squared", clip(FACTOR, "scale = float(max_norm) ** 2 / (total_norm + 1e-6)")),
        mutant("norm_type ignored", clip("order = float(norm_type)", "order = 2.0")),
        mutant("norms are added up", clip("total_norm = _norm(stack(norms), order)", "total_norm = stack(norms).sum()")),
        mutant("returns the norm afterwards", clip("    clip_grads_with_norm_(parameters, max_norm, total_norm, foreach)\n    return total_norm", "    clip_grads_with_norm_(parameters, max_norm, total_norm, foreach)\n    return get_total_norm(_gradients(parameters), norm_type)")),
        mutant("a new gradient in place of the old", clip("grad.mul_(at_most_1)", "grad._array = grad._array * at_most_1._array")),
        mutant("value: above alone", clip("np.clip(grad._array, -limit, limit", "np.clip(grad._array, None, limit")),
        mutant("error_if_nonfinite ignored", clip("if error_if_nonfinite and not", "if False and not")),
        mutant("nothing is clipped", clip("grad.mul_(at_most_1)", "grad.mul_(1)")),
    ),
)  # fmt: skip

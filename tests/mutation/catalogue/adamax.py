"""Adamax."""

from ..mutant import Target, editor, mutant

edit, moments = editor("minigrad/optim/adamax.py"), editor("minigrad/optim/moments.py")
block, optimizer = editor("minigrad/optim/block.py"), editor("minigrad/optim/optimizer.py")
COUNT = 't = next_step(state, param, "exp_avg", "exp_inf")'
STEP = 'param -= group["lr"] / (1 - beta1**t) * m / u'
NORM = 'np.maximum(u, np.abs(g) + group["eps"], out=u)'
DECAY = 'g = g + group["weight_decay"] * param'
MEAN = "move_mean(m, g, beta1)"

ADAMAX = Target(
    "adamax",
    ("tests/optim", "-k", "Adamax or adamax or any_options or zero_gradient"),
    (
        mutant("no bias correction", edit(STEP, 'param -= group["lr"] * m / u')),
        mutant("no eps", edit(NORM, "np.maximum(u, np.abs(g), out=u)")),
        mutant("infinity norm never decays", edit("u *= beta2", "u *= 1.0")),
        mutant(
            "decoupled weight decay (AdamW style)",
            edit(DECAY, 'param *= 1 - group["lr"] * group["weight_decay"]'),
        ),
        mutant("step counter starts at 0", edit(COUNT, f"{COUNT} - 1")),
        mutant("default lr 1e-3 (Adam's)", edit("lr: float = 2e-3", "lr: float = 1e-3")),
        mutant("bias correction uses 1−β1·t", edit(STEP, STEP.replace("**", " * "))),
        mutant("|·| forgotten in the norm", edit(NORM, NORM.replace("np.abs(g)", "g"))),
        mutant(
            # Parameters are updated together: t has counted all of them when it is read.
            "one step counter incremented per parameter",
            optimizer(
                "block.gather()",
                "self.counted = getattr(self, 'counted', 0) + len(block.params)\n"
                "                    block.gather()",
            ),
            edit(COUNT, f"{COUNT}\n        t = self.counted"),
        ),
        mutant(
            # update() is given a copy of the gradient: it has to be written back besides.
            "weight decay written into p.grad",
            edit(DECAY, 'g += group["weight_decay"] * param'),
            block(
                "for p, part in zip(self.params, self._param_parts, strict=True):",
                "for p, part, grad in zip(self.params, self._param_parts, self._parts(self.grad)):\n"
                "            np.copyto(p.grad._array, grad)",
            ),
        ),
        mutant(
            "state in float64 for a float32 parameter",
            moments(
                "dtype=from_numpy_dtype(param.dtype)",
                'dtype=from_numpy_dtype(param.astype("float64").dtype)',
            ),
        ),
        mutant(
            "update uses last step's m",
            edit(MEAN, f"last = m.copy()\n        {MEAN}"),
            edit(STEP, STEP.replace("* m", "* last")),
        ),
        mutant("gradient ascent (+=)", edit(STEP, STEP.replace("-=", "+="))),
        mutant(
            "eps outside the maximum, as in the paper's users",
            edit(NORM, "np.maximum(u, np.abs(g), out=u)"),
            edit(STEP, STEP.replace("/ u", '/ (u + group["eps"])')),
        ),
        mutant("maximize ignored", edit('-grad if group["maximize"] else grad', "grad")),
        mutant("betas exchanged", edit("beta1, beta2 = group", "beta2, beta1 = group")),
        mutant("weight decay ignored", edit(DECAY, "g = g + 0 * param")),
        mutant(
            "maximize turns the weight decay round too",
            edit(DECAY, 'g = g + (-1 if group["maximize"] else 1) * group["weight_decay"] * param'),
        ),
        mutant(
            "the mean weighs by beta, not 1 - beta",
            moments("mean += (1 - beta) * (g - mean)", "mean += beta * (g - mean)"),
        ),
    ),
)

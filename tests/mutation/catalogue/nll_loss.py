"""The negative log-likelihood."""

from ..mutant import Target, editor, mutant, record

edit = editor("minigrad/functions/nll_loss.py")
LOSSES = "losses = np.where(counts, -w * x[at_target], 0)"
COEFFICIENT = 'ctx.coefficient = -w / w.sum() if reduction == "mean" else -w'
REDUCED = 'return losses.sum() / (w.sum() if reduction == "mean" else 1)'


def mean_by(divisor):
    """Edits that divide by something else, forward and backward."""
    return (
        edit(COEFFICIENT, COEFFICIENT.replace("w.sum()", divisor)),
        edit(REDUCED, REDUCED.replace("w.sum()", divisor)),
    )


NLL_LOSS = Target(
    "nll_loss",
    record("nll_loss", layers="nll"),
    (
        mutant(
            "sign missing",
            edit(LOSSES, LOSSES.replace("-w", "w")),
            edit(COEFFICIENT, COEFFICIENT.replace("-w", "w")),
        ),
        mutant("mean over N*C (np.mean(onehot*logp))", *mean_by("(w.sum() * x.shape[1])")),
        mutant(
            "gradient divided by N twice",
            edit(COEFFICIENT, COEFFICIENT.replace("w.sum()", "(w.sum() * max(len(x), 1))")),
        ),
        mutant("ignored samples counted in the mean", *mean_by("(w.sum() + (~counts).sum())")),
        mutant(
            "negative targets index from the end",
            edit("wrong = (values < 0) | (values >= classes)", "wrong = values >= classes"),
        ),
        mutant(
            "fancy-index bug: x[:, t] instead of x[arange(N), t]",
            # The mean of x[:, t] is that of the columns' means.
            edit(
                "-w * x[at_target]",
                "-w * x.mean(0)[at_target[1:]]",
            ),
        ),
        mutant(
            "(N,1) targets broadcast to (N,N)",
            edit(
                "if have == wanted or",
                "if have in (wanted, (*wanted, 1)) or",
            ),
            edit(
                "return losses.sum()",
                "if target.ndim > x.ndim - 1:\n            losses = losses + losses.T\n        return losses.sum()",
            ),
        ),
        mutant(
            "reduction='sum' gradient still divided by N",
            edit(
                COEFFICIENT,
                f"{COEFFICIENT}\n"
                '        if reduction == "sum":\n'
                "            ctx.coefficient = -w / max(len(x), 1)",
            ),
        ),
        mutant("empty batch / all ignored returns 0", *mean_by("(w.sum() or 1)")),
        mutant(
            "weight applied in forward only",
            edit(COEFFICIENT, COEFFICIENT.replace("-w", "-counts.astype(x.dtype)")),
        ),
        mutant("weighted mean divided by N", *mean_by("counts.sum()")),
        mutant(
            "weight ignored",
            edit(
                "return counts.astype(dtype) if weight is None else",
                "return counts.astype(dtype) if True else",
            ),
        ),
        mutant(
            "an ignored target still gets a gradient",
            edit(
                "grad = Mask.apply(ctx.coefficient * grad_output, ctx.counts)",
                "grad = (ctx.coefficient - ~ctx.counts) * grad_output",
            ),
        ),
        mutant(
            "the gradient goes to class 0",
            edit(
                "ctx.at_target, ctx.counts, ctx.shape = at_target, counts, x.shape",
                "ctx.at_target, ctx.counts, ctx.shape = (n_d[0], t * 0, *n_d[1:]), counts, x.shape",
            ),
        ),
    ),
)

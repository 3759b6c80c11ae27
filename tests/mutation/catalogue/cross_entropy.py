"""The cross-entropy of logits."""

from ..mutant import Target, editor, mutant, record

edit = editor("minigrad/functions/cross_entropy.py")
SMOOTHED = "losses = losses * (1 - label_smoothing) + even * (label_smoothing / log_p.shape[axis])"
TARGET = "target = target * (1 - label_smoothing) + label_smoothing / log_p.shape[axis]"
LOG_P = "log_p = log_softmax(input, axis)"
LABELS = "log_p = log_softmax(input, max(axis, 0))"

CROSS_ENTROPY = Target(
    "cross_entropy",
    record(
        "cross_entropy", "cross_entropy of probabilities", layers="cross_entropy",
        others=("tests/nn/test_loss.py",),
    ),
    (
        mutant("takes probabilities for logits", edit(LABELS, "log_p = (input + 1e-8).log()")),
        mutant("softmax twice", edit(LABELS, f"{LABELS}\n    log_p = log_softmax(log_p.exp(), max(axis, 0))")),
        mutant("softmax over the last axis", edit(LABELS, "log_p = log_softmax(input, -1)")),
        mutant("softmax of probabilities over the last axis", edit(LOG_P, "log_p = log_softmax(input, -1)")),
        mutant("label smoothing ignored for labels", edit("if not label_smoothing:\n", "if True:\n")),
        mutant("label smoothing ignored for probabilities", edit("if label_smoothing:\n", "if False:\n")),
        mutant("label smoothing not divided by the number of classes", edit(SMOOTHED, SMOOTHED.replace(" / log_p.shape[axis]", ""))),
        mutant("label smoothing over the other classes alone", edit(SMOOTHED, "s = label_smoothing / max(log_p.shape[axis] - 1, 1)\n    losses = losses * (1 - label_smoothing - s) + even * s")),
        mutant("label smoothing: 1 - s forgotten", edit(SMOOTHED, SMOOTHED.replace("losses * (1 - label_smoothing)", "losses"))),
        mutant("label smoothing of probabilities: 1 - s forgotten", edit(TARGET, TARGET.replace("target * (1 - label_smoothing)", "target"))),
        mutant("label smoothing counts ignored targets", edit("even = where(wrap(counted), even, 0.0)", "even = even * 1.0")),
        mutant("label smoothing without class weights", edit("even = -_weighted(log_p, weight, axis)", "even = -_weighted(log_p, None, axis)")),
        mutant("smoothed mean over N, not over the weights", edit("return _reduced(losses, counts.sum(), reduction)", "return _reduced(losses, (target._array != ignore_index).sum(), reduction)")),
        mutant("mean of probabilities over N C", edit("return _reduced(losses, losses.numel(), reduction)", "return _reduced(losses, log_p.numel(), reduction)")),
        mutant("mean of probabilities over the weights", edit("return _reduced(losses, losses.numel(), reduction)", "return _reduced(losses, losses.numel() if weight is None else _weighted(target, weight, axis).sum(), reduction)")),
        mutant("probabilities without class weights", edit("losses = -_weighted(log_p * target, weight, axis)", "losses = -_weighted(log_p * target, None, axis)")),
        mutant("sign missing", edit("losses = -_weighted(log_p * target", "losses = _weighted(log_p * target")),
        mutant("no gradient for probabilities", edit("_weighted(log_p * target, weight", "_weighted(log_p * target.detach(), weight")),
        mutant("class weights along the last axis", edit("weight.reshape(-1, *[1] * (x.ndim - 1 - axis))", "weight")),
        mutant("class weights ignored", edit("return nll_loss(log_p, target, weight, ignore_index", "return nll_loss(log_p, target, None, ignore_index")),
        mutant("ignore_index ignored", edit("return nll_loss(log_p, target, weight, ignore_index=ignore_index,", "return nll_loss(log_p, target, weight,")),
        mutant("reduction ignored", edit("ignore_index=ignore_index, reduction=reduction)", "ignore_index=ignore_index)")),
    ),
)  # fmt: skip

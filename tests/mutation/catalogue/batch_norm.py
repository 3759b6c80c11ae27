"""Batch normalisation."""

from ..mutant import Target, editor, mutant, record

edit, layer = editor("minigrad/functions/batch_norm.py"), editor("minigrad/nn/batchnorm.py")
SCALE = "s = (var + eps) ** -0.5"
BACKWARD = "grad = s * (grad_output - _mean(grad_output) - y * _mean(grad_output * y))"
MOVE = "(1 - momentum) * old + momentum * batch.reshape(old.shape)"
RUNNING = "s = (running_var + eps) ** -0.5"
UNBIASED = "_move(running_var, var * (m / (m - 1)), momentum)"

BATCH_NORM = Target(
    "batch_norm",
    record(
        "batch_norm in training", "batch_norm in evaluation", layers="batch_norm",
        others=("tests/nn/test_batchnorm.py",),
    ),
    (
        mutant("eps outside of the root", edit(SCALE, "s = 1 / (var**0.5 + eps)")),
        mutant("eps forgotten", edit(SCALE, "s = var**-0.5")),
        mutant("eps outside of the root in evaluation", edit(RUNNING, "s = 1 / (running_var**0.5 + eps)")),
        mutant("divides by the variance, not its root", edit(SCALE, "s = 1 / (var + eps)")),
        mutant("unbiased variance in the output", edit("mean, var = _statistics(input._array)", "mean, var = _statistics(input._array)\n            var = var * _count(input) / max(_count(input) - 1, 1)"), edit(UNBIASED, "_move(running_var, var, momentum)")),
        mutant("biased variance in the running one", edit(UNBIASED, "_move(running_var, var, momentum)")),
        mutant("momentum the wrong way round", edit(MOVE, "momentum * old + (1 - momentum) * batch.reshape(old.shape)")),
        mutant("momentum ignored", edit(MOVE, "0.9 * old + 0.1 * batch.reshape(old.shape)")),
        mutant("backward without the term of the mean", edit(BACKWARD, BACKWARD.replace(" - _mean(grad_output) ", " "))),
        mutant("backward without the term of the variance", edit(BACKWARD, "grad = s * (grad_output - _mean(grad_output))")),
        mutant("backward without both terms", edit(BACKWARD, "grad = s * grad_output")),
        mutant("backward sums where it should average", edit(BACKWARD, BACKWARD.replace("_mean(grad_output * y)", "_mean(grad_output * y) * _count(x)"))),
        mutant("second derivative takes s for constant", edit("if grad_mode.enabled:", "if False:")),
        mutant("statistics over the batch axis alone", edit("axes = (0, *range(2, x.ndim))", "axes = (0,)")),
        mutant("statistics of each sample by itself", edit("axes = (0, *range(2, x.ndim))", "axes = tuple(range(2, x.ndim)) or (0,)")),
        mutant("running statistics updated in evaluation", layer("remember = self.training and self.track_running_stats", "remember = self.track_running_stats"), layer("use_batch = self.training or", "use_batch = True or")),
        mutant("evaluation uses the batch", layer("use_batch = self.training or", "use_batch = True or")),
        mutant("running statistics not updated", edit("if running_mean is not None and running_var is not None and m:", "if False:")),
        mutant("running mean not updated", edit("_move(running_mean, mean, momentum)", "_move(running_mean, mean, 0.0)")),
        mutant("batches are not counted", layer("self.num_batches_tracked.add_(1)", "self.num_batches_tracked.add_(0)")),
        mutant("momentum=None is 0.1", layer("momentum = 1 / self.num_batches_tracked.item()", "momentum = 0.1")),
        mutant("weight ignored", edit("y = y * weight.reshape(per_channel)", "y = y * (weight * 0 + 1).reshape(per_channel)")),
        mutant("bias multiplied by the weight", edit("y if bias is None else y + bias.reshape(per_channel)", "y if bias is None else y + (bias if weight is None else bias * weight).reshape(per_channel)")),
        mutant("variance begins at 0", layer('"running_var": 1', '"running_var": 0')),
        mutant("weights begin at 0", layer("init.ones_(self.weight)", "init.zeros_(self.weight)")),
        mutant("a single value is normalised to 0", edit("if _count(x) == 1:", "if False:")),
    ),
)  # fmt: skip

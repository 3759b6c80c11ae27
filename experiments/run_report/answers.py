"""The assignment's six questions, answered from what this run measured."""

import math
from dataclasses import dataclass

import numpy as np

from experiments.report import percent
from experiments.run_report.analysis import analysis, improvement
from experiments.run_report.architecture import (
    layer_components,
    training_components,
    weights_if_dense,
)
from experiments.run_report.facts import Facts


@dataclass(frozen=True)
class Answer:
    """A question, its answer, and what is to be listed below it.

    `formulas` says whether the template has formulas to put before the paragraphs.
    """

    question: str
    paragraphs: list[str]
    items: list[str] | tuple[()] = ()
    formulas: bool = False


def answers(facts: Facts) -> list[Answer]:
    """Return all six, in the assignment's order."""
    return [
        objective(facts),
        log_softmax(facts),
        convergence(facts),
        images(facts),
        architecture(facts),
        Answer("What do the results say?", analysis(facts)),
    ]


def objective(facts: Facts) -> Answer:
    """Say what was minimised, and how far."""
    f, s = facts.findings, facts.settings
    decay = (
        f" Weight decay of {s.weight_decay:g} adds the last term: Adamax gets its gradient "
        "together with the rest, and scales both."
        if s.weight_decay
        else ""
    )
    return Answer(
        "What is the objective, in formulas?",
        [
            "The network gives a score z for each digit, log-softmax turns the scores into "
            f"log-probabilities, and training minimises J over batches of {s.batch_size} images."
            f"{decay} Validation and test report the plain nll, the mean over all "
            "images, and ce, the share of wrong labels.",
            f"Here the test nll is {f.test_nll:.4f}: the right label has a probability of "
            f"{math.exp(-f.test_nll):.3f} in the geometric mean. A network that knows nothing and "
            f"is sure of nothing has ln 10 = {math.log(10):.4f}; the untrained one had "
            f"{facts.untrained.val_nll:.4f} on the validation images.",
        ],
        formulas=True,
    )


def log_softmax(facts: Facts) -> Answer:
    """Compare the labels, and see what the logarithm is good for."""
    test, p = facts.test, facts.probabilities
    different = int((p.argmax(axis=1) != test.predicted).sum())
    n = len(test)
    if different:
        verdict = (
            f"In exact arithmetic it is. In this run {different} of {n:,} labels differ: where two "
            f"log-probabilities are so close that their exponentials are the same {p.dtype} "
            "number, softmax can no longer tell which is larger. The logarithms can."
        )
    else:
        verdict = (
            "Yes. The logarithm grows wherever its argument does, so the largest of ten numbers "
            "stays in its place. Checked on this run's own log-probabilities: with softmax and "
            f"with log-softmax the label is the same for all {n:,} test images."
        )
    zeros = int((p == 0).sum())
    of_labels = int((p[np.arange(n), test.labels] == 0).sum())
    lowest = test.log_probabilities.min()
    needed = (
        f"As {p.dtype} numbers, {zeros:,} of the {p.size:,} probabilities are rounded to 0, "
        f"{of_labels:,} of them the true label's: their logarithms would be minus infinity."
        if zeros
        else f"In this run none of the {p.size:,} probabilities is rounded to 0."
    )
    return Answer(
        "Is it right to predict from log-softmax instead of softmax?",
        [
            verdict,
            "For the loss, log-softmax is the better way: it never forms the exponential of a "
            f"large score, nor the logarithm of a rounded probability. {needed} The lowest "
            f"log-probability is {lowest:.1f}.",
        ],
    )


def convergence(facts: Facts) -> Answer:
    """Tell from the history how fast loss and error came down, and whether they agree."""
    f, best, first, last = facts.findings, facts.best, facts.trained[0], facts.trained[-1]
    least = min(facts.trained, key=lambda epoch: epoch.val_ce)
    beginning = (
        f"Epoch 1 brought the validation nll from {facts.untrained.val_nll:.3f} to "
        f"{first.val_nll:.3f} and the error from {percent(facts.untrained.val_ce)} to "
        f"{percent(first.val_ce)}: {100 * facts.share_of_drop('val_nll'):.0f} % and "
        f"{100 * facts.share_of_drop('val_ce'):.0f} % of the way to the best epoch, {best.epoch}. "
        f"Training ended with epoch {last.epoch} and took {facts.seconds:.1f} s."
    )
    if least.val_ce < best.val_ce:
        agree = (
            "Loss and error do not agree on the best epoch: the nll is lowest in epoch "
            f"{best.epoch}, the error in epoch {least.epoch} ({percent(least.val_ce)} instead of "
            f"{percent(best.val_ce)}). The nll decides, for it also counts how sure a label was."
        )
    else:
        agree = f"Loss and error agree: no epoch has a lower error than epoch {best.epoch}."
    if last.epoch > best.epoch:
        way = "rose" if last.val_nll > best.val_nll else "stayed"
        learned = last.train_nll is not None and best.train_nll is not None
        fell = learned and last.train_nll < best.train_nll and way == "rose"
        agree += (
            f" From epoch {best.epoch} to {last.epoch} the validation nll {way} from "
            f"{best.val_nll:.4f} to {last.val_nll:.4f}, the error went from {percent(best.val_ce)} "
            f"to {percent(last.val_ce)}"
            + (", while the training nll went on falling: overfitting." if fell else ".")
        )
    if f.baseline:
        agree += (
            f" The published network, in the same command, trained for {f.baseline['epochs']} "
            f"epochs in {f.baseline['seconds']:.1f} s, to a test nll of "
            f"{f.baseline['test_nll']:.4f} and a test error of {percent(f.baseline['test_ce'])}; "
            f"this one has {f.test_nll:.4f} and {percent(f.test_ce)}."
        )
    return Answer(
        "How do the MLP and the CNN compare in convergence, in loss and in error?",
        [
            "House numbers are left to a CNN; the command minigrad digits trains both side by "
            "side and compares them. What this run shows of a CNN:",
            beginning,
            agree,
        ],
    )


def images(facts: Facts) -> Answer:
    """Count what convolution saves."""
    convolutions, dense = weights_if_dense(facts.findings.layers)
    share = convolutions / facts.parameters if facts.parameters else math.nan
    counted = (
        f"In this network all convolutions together have {convolutions:,} parameters, "
        f"{100 * share:.0f} % of the {facts.parameters:,}. Linear layers from and to the same "
        f"shapes would have {dense:,}: {dense / convolutions:,.0f} times as many, to be learned "
        f"from {facts.examples[0]:,} images."
        if convolutions
        else "This network has no convolution."
    )
    return Answer(
        "Why are CNNs better suited to images?",
        [
            "An image is more than a list of numbers: neighbours belong together, and a stroke "
            "means the same wherever it stands. A convolution is built on both: it looks at "
            "neighbours, with the same weights at every place. A linear layer would have to learn "
            "each pattern anew at each place.",
            f"{counted} The filters of the first convolution are shown above. By how much an MLP "
            "would be worse on these images was not measured here.",
        ],
    )


def architecture(facts: Facts) -> Answer:
    """Explain the network and its training component by component."""
    layers = facts.findings.layers
    return Answer(
        "How is the network built, what is each component for, and which extra one improves it?",
        [
            f"{len(layers)} layers with {facts.parameters:,} parameters; their shapes, parameters "
            "and times are in the table above. The components of the network and of its training "
            "are listed below.",
            *improvement(facts),
        ],
        items=[*layer_components(layers), *training_components(facts)],
    )

"""What a run's numbers say: its errors, how sure they are, and what made them fewer."""

import math

from experiments.report import percent
from experiments.run_report.facts import PUBLISHED_TEST, Facts
from experiments.run_report.measurements import Rate, Z
from experiments.svhn import protocol
from experiments.svhn.effects import effects

ASKED = 0.1  # the assignment's own bound of the test error


def improvement(facts: Facts) -> list[str]:
    """Say which components were measured to pay, and how this network compares."""
    f = facts.findings
    said = []
    if f.baseline and f.baseline["test_ce"]:
        ratio = f.test_ce / f.baseline["test_ce"]
        said.append(
            f"The published network has a test error of {percent(f.baseline['test_ce'])} in the "
            f"same command, this one {percent(f.test_ce)}: {ratio:.2f} of it."
        )
    if f.ablation:
        found = effects(f.ablation["runs"])[1:]
        by_verdict: dict[str, list[str]] = {}
        for effect in found:
            by_verdict.setdefault(effect.verdict, []).append(
                f"{effect.without} ({100 * effect.difference:+.2f})"
            )
        said.append(
            "Each component was left out in turn; in brackets, by how many percentage points the "
            "test error is then higher. "
            + " ".join(
                f"{verdict.capitalize()}: {', '.join(names)}."
                for verdict, names in by_verdict.items()
            )
        )
    else:
        said.append(
            "Which component brings how much was not measured beside this run; "
            "the command minigrad svhn --ablation leaves out each in turn."
        )
    return said


def analysis(facts: Facts) -> list[str]:
    """Return the paragraphs of the analysis."""
    return [how_good(facts), by_class(facts), overfitting(facts), sureness(facts), beside(facts)]


def how_good(facts: Facts) -> str:
    """Give the test error with its sampling error."""
    rate = facts.test.rate
    reached = "not above" if rate.error <= ASKED else "above"
    whole = " of the whole test set, where this is a subset" if facts.settings.subset else ""
    return (
        f"{rate.wrong:,} of {rate.images:,} test images are wrong: {percent(rate.error)}. Another "
        f"draw of as many images would give another number: ±{percent(Z * rate.se)} (1.96 standard "
        "errors) if images are independent; neighbouring ones can be digits of one photo, so it is "
        f"rather more. The assignment asks for at most {percent(ASKED)}{whole}; the measured error "
        f"is {reached} that."
    )


def by_class(facts: Facts) -> str:
    """Name the hardest and the easiest digit, and what is taken for what."""
    rates = {digit: rate for digit, rate in enumerate(facts.test.rates) if rate.images}
    hardest, easiest = (pick(rates, key=lambda digit: rates[digit].error) for pick in (max, min))
    apart = rates[hardest].interval[0] > rates[easiest].interval[1]
    intervals = (
        "their intervals do not overlap: the difference is no accident of the sample"
        if apart
        else "their intervals overlap: the sample is too small to tell them apart for sure"
    )
    pairs = ", ".join(
        f"{p.label} for {p.predicted} ({p.images} times, {100 * p.share:.1f} % of the {p.label}s)"
        for p in facts.test.pairs(3)
    )
    taken = f" Most often the network takes {pairs}." if pairs else ""
    return (
        f"The hardest digit is {hardest} ({percent(rates[hardest].error)} wrong), the easiest "
        f"{easiest} ({percent(rates[easiest].error)}); {intervals}.{taken}"
    )


def overfitting(facts: Facts) -> str:
    """Set the nll in training, validation and test side by side."""
    f, best = facts.findings, facts.best
    val = Rate(round(best.val_ce * facts.examples[1]), facts.examples[1])
    gap = f.test_nll - best.val_nll
    difference = facts.test.rate.error - val.error
    se = math.hypot(facts.test.rate.se, val.se)
    sure = "more" if abs(difference) > Z * se else "not more"
    harder = [
        name
        for name, on in (
            ("augmented images", facts.recipe.augment),
            ("dropout", any(layer.kind == "Dropout" for layer in f.layers)),
        )
        if on
    ]
    made = f", on {' and '.join(harder)}" if harder else ""
    train = "not measured" if best.train_nll is None else f"{best.train_nll:.4f}"
    return (
        f"In epoch {best.epoch} the nll is {train} in training (met on the way, before the epoch's "
        f"last steps{made}), {best.val_nll:.4f} on the {val.images:,} validation images and "
        f"{f.test_nll:.4f} on the test images, {gap:+.4f} to validation. The test error minus "
        f"the validation error of {percent(val.error)} is {100 * difference:+.2f} percentage "
        f"points, {sure} than chance explains (±{100 * Z * se:.2f})."
    )


def sureness(facts: Facts) -> str:
    """Compare what the network believes with how often it is right."""
    test = facts.test
    mean, accuracy = float(test.confidence.mean()), 1 - test.rate.error
    off = mean - accuracy
    what = "too sure of itself" if off > 0 else "rather too modest"
    if abs(off) < Z * test.rate.se:
        what = "on average as sure as it may be"
    return (
        f"The network is {what}: its mean confidence is {percent(mean)}, its accuracy "
        f"{percent(accuracy)}. The expected calibration error is {percent(test.calibration_error)}."
    )


def beside(facts: Facts) -> str:
    """Say what the published numbers can be held against."""
    p = facts.findings.published
    if p is None:
        return "There is no published number to hold against these."
    reasons = incomparable(facts)
    if reasons:
        return (
            f"The published run has {percent(p.ce)}, and is not comparable: {'; '.join(reasons)}."
        )
    se = math.sqrt(2) * facts.test.rate.se
    difference = facts.test.rate.error - p.ce
    sure = "more" if abs(difference) > Z * se else "not more"
    return (
        f"The published error of {percent(p.ce)} is of the same network, images and protocol; the "
        f"difference of {100 * difference:+.2f} percentage points is {sure} than chance explains "
        f"(±{100 * Z * se:.2f})."
    )


def incomparable(facts: Facts) -> list[str]:
    """Return what makes the published numbers something else than this run's."""
    s, (training, _) = facts.settings, facts.examples
    reasons = []
    if training != protocol.PUBLISHED_TRAINING:
        reasons.append(
            f"it was trained on {protocol.PUBLISHED_TRAINING:,} images, extra ones among them, "
            f"this run on {training:,}"
        )
    if len(facts.test) != PUBLISHED_TEST:
        reasons.append(
            f"it was tested on all {PUBLISHED_TEST:,} images, this run on {len(facts.test):,}"
        )
    if s.model != "published":
        reasons.append("this is another network")
    return reasons

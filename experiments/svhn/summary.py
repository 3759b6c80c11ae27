"""The table at the end of `minigrad svhn`: the runs, and the ratio of their errors."""

from collections.abc import Sequence
from statistics import fmean

from experiments.report import Published, percent, table
from experiments.run import Result

# The published run: trained on 543,949 images of train and extra, tested on all 26,032.
PUBLISHED = Published(nll=0.2645721767686156, ce=0.06430547019053473)


def summary(results: Sequence[Result]) -> str:
    """Return the runs and the published one, and below the ratio of the errors."""
    header = ["network", "seed", "epochs", "best", "test nll", "test error", "seconds"]
    rows = []
    for r in results:
        s = r.settings
        name = f"{s.model} without {s.without}" if s.without else s.model
        test = f"{r.test_nll:.4f}", percent(r.test_ce)
        rows.append([name, s.seed, r.epochs, r.best_epoch, *test, f"{r.seconds:.1f}"])
    rows.append(["as published", 0, 10, "", f"{PUBLISHED.nll:.4f}", percent(PUBLISHED.ce), ""])
    lines = [
        "",
        table(header, rows),
        "As published: trained with the extra examples, 543,949 images; tested on all 26,032.",
        *(f"The others: {remark}." for remark in results[0].settings.remarks),
    ]
    errors = {
        model: [r.test_ce for r in results if r.settings.model == model]
        for model in ("published", "improved")
    }
    if all(errors.values()):
        lines += ["", ratio(errors["improved"], errors["published"])]
    return "\n".join(lines)


def ratio(improved: Sequence[float], published: Sequence[float]) -> str:
    """Return the errors' ratio for reading, of runs with the same seeds in the same order.

    >>> print(ratio([0.05, 0.07], [0.2, 0.2]))
    Test error, improved / published: 6.00 % / 20.00 % = 0.30 (each seed: 0.25, 0.35)
    """
    means = fmean(improved), fmean(published)
    each = ", ".join(f"{a / b:.2f}" for a, b in zip(improved, published, strict=True))
    return (
        f"Test error, improved / published: {percent(means[0])} / {percent(means[1])} = "
        f"{means[0] / means[1]:.2f} (each seed: {each})"
    )

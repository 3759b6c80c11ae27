"""The data, and the runs."""

import hashlib
import os
from argparse import Namespace

from experiments.doctor.finding import Finding
from experiments.errors import DataError
from experiments.lock import in_use
from experiments.shell import quoted

DIGITS = "7696c07daa6d85010f8268703ab8b067"  # md5 of pixels and labels, a byte each
SHOWN = 3  # runs to be continued


def digits(options: Namespace) -> Finding:
    """Return whether scikit-learn's digits are those of the assignment."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    content = pixels.astype("u1").tobytes() + labels.astype("u1").tobytes()
    if hashlib.md5(content, usedforsecurity=False).hexdigest() == DIGITS:
        return Finding(f"{len(pixels)} images, as they should be")
    again = "type: pip install --force-reinstall scikit-learn"
    return Finding(f"{len(pixels)} images", [f"they are not those of the assignment; {again}"])


def svhn(options: Namespace) -> Finding:
    """Return which of the house numbers' files are there, and whether they are official."""
    if options.data is None:
        return Finding("not looked at; to do so, add --data DIR")
    from experiments.svhn.official import FILES
    from experiments.svhn.source import identify
    from experiments.svhn.store import remembered

    if not options.data.is_dir():
        return Finding(f"there is no folder {options.data}")
    found, said, other = Finding(""), [], []
    for split, official in FILES.items():
        if not os.path.lexists(options.data / official.name):
            said.append(f"{split} missing")
            continue
        try:
            source = identify(options.data, split, subset=True, remembered=remembered)
        except DataError as error:
            said.append(f"{split} broken")
            found.warnings.append(str(error))
            continue
        share = f"{source.bytes:,} of {official.bytes:,} bytes"
        said.append(f"{split} {'official' if source.official else share}")
        other += [official.name] * (not source.official)
    if other:
        found.warnings.append(
            f"a part of the data, or cut: {', '.join(other)}; to see which, "
            f"type: minigrad data check {quoted(options.data)}"
        )
    found.text = f"{options.data}: {', '.join(said)}"
    return found


def runs(options: Namespace) -> Finding:
    """Return how many runs came to their end, and which can be continued."""
    folders = sorted(path.parent for path in options.out.glob("*/*/config.json"))
    ended = [path for path in folders if not (path / "result.json").exists()]
    kept = [path for path in ended if any(path.glob("*.ckpt"))]
    resumable = [path for path in kept if not in_use(path)]
    found = Finding(
        f"{options.out}: {len(folders) - len(ended)} finished, "
        f"{len(kept) - len(resumable)} at work, {len(resumable)} to be continued, "
        f"{len(ended) - len(kept)} that cannot be"
    )
    for path in resumable[:SHOWN]:
        found.warnings.append(f"to continue it, type: minigrad resume {quoted(path)}")
    if len(resumable) > SHOWN:
        found.warnings.append(f"and {len(resumable) - SHOWN} more, in {options.out}")
    return found

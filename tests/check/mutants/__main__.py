"""Print how many mistakes are caught and named: ``python -m tests.check.mutants``."""

import argparse
import sys
from collections import Counter

from .classic import CLASSIC
from .further import FURTHER
from .measure import measure
from .mistake import LAYERS
from .unseen import UNSEEN
from .unseen_again import UNSEEN_AGAIN

CATALOGUES = {"classic": CLASSIC, "further": FURTHER, "unseen": [*UNSEEN, *UNSEEN_AGAIN]}
WANTED = 0.9  # of the mistakes must be given the right cause first


def main() -> int:
    """Return 0 if all mistakes are caught and enough of them named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layer", choices=LAYERS, help="only this layer's mistakes")
    parser.add_argument("--catalogue", choices=CATALOGUES, help="only these")
    chosen = parser.parse_args()
    every = [*CLASSIC, *FURTHER, *UNSEEN, *UNSEEN_AGAIN]
    mistakes = CATALOGUES.get(chosen.catalogue, every)
    measured = list(measure(m for m in mistakes if chosen.layer in (None, m.layer)))
    count: Counter[tuple[str, str, str]] = Counter()
    for one in measured:
        style = "classes" if one.style == "classes" else "other"
        for layer in (one.mistake.layer, "all"):
            count[layer, style, "mistakes"] += 1
            count[layer, style, "caught"] += one.caught or one.equivalent
            count[layer, style, "named"] += one.named or one.equivalent
    print(f"{'':10} | plain classes               | function pairs, Optimizer")
    print(f"{'layer':10} | mistakes caught right cause | mistakes caught right cause")
    for layer in [*LAYERS, "all"]:
        numbers = [
            f"{count[layer, style, 'mistakes']:8} {count[layer, style, 'caught']:6} "
            f"{count[layer, style, 'named']:11}"
            for style in ("classes", "other")
        ]
        if count[layer, "classes", "mistakes"]:
            print(f"{layer:10} | " + " | ".join(numbers))
    for one in measured:
        if one.equivalent:
            why = one.mistake.equivalent[one.style]
            print(f"equivalent: {one.mistake.layer}, {one.style}: {one.mistake.name}: {why}")
        elif not one.named:
            print(("wrong cause: " if one.caught else "NOT CAUGHT: ") + str(one))
    caught = all(one.caught or one.equivalent for one in measured)
    named = sum(one.named or one.equivalent for one in measured)
    return 0 if caught and named >= WANTED * len(measured) else 1


if __name__ == "__main__":
    sys.exit(main())

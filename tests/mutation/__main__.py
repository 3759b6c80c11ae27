"""The command: python -m tests.mutation [--operation NAME] [--jobs N]."""

import argparse
import os
import queue
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tqdm import tqdm

from .catalogue import CATALOGUE
from .mutant import Mutant, StaleError, Target
from .workshop import Outcome, Workshop

Tried = tuple[Target, Mutant, Outcome]


def main() -> int:
    options = arguments()
    targets = [CATALOGUE[name] for name in options.operation or CATALOGUE]
    try:
        tried = try_all(targets, options.jobs)
    except StaleError as error:
        print(f"the mutation run stopped: {error}", file=sys.stderr)
        return 2
    survivors = [(target, m) for target, m, o in tried if not o.caught and not m.equivalent]
    print(table(targets, tried))
    for target, mutant in survivors:
        print(f"survived: {target.name}: {mutant.name}")
    return 1 if survivors else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "--operation", nargs="+", choices=CATALOGUE, metavar="NAME",
        help=f"only these, of {', '.join(CATALOGUE)}",
    )  # fmt: skip
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at a time")
    return parser.parse_args()


def try_all(targets: Sequence[Target], jobs: int) -> list[Tried]:
    """Make every mistake; but first see that the tests pass without, or failing means nothing."""
    with ExitStack() as stack:
        workshops: queue.SimpleQueue[Workshop] = queue.SimpleQueue()
        for _ in range(jobs):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            workshops.put(stack.enter_context(Workshop(Path(folder))))
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        stack.callback(pool.shutdown, cancel_futures=True)
        todo = [(t, None) for t in targets] + [(t, m) for t in targets for m in t.mutants]
        bar = stack.enter_context(tqdm(total=len(todo), unit="run"))

        def one(task: tuple[Target, Mutant | None]) -> Outcome:
            workshop = workshops.get()
            try:
                outcome = workshop.try_out(*task)
            finally:
                workshops.put(workshop)
            tell(bar, *task, outcome)
            if task[1] is None and outcome.caught:
                raise StaleError(f"{task[0].name}: without any mistake, {outcome.by} fails")
            return outcome

        outcomes = list(pool.map(one, todo))
    return [(t, m, o) for (t, m), o in zip(todo, outcomes, strict=True) if m is not None]


def tell(bar: "tqdm[None]", target: Target, mutant: Mutant | None, outcome: Outcome) -> None:
    """Say on stderr what came of one run."""
    if mutant is None:
        text = "no mistake: all tests pass"
    elif outcome.caught:
        text = f"{mutant.name}: caught by {outcome.by}"
    else:
        text = f"{mutant.name}: {'equivalent' if mutant.equivalent else 'SURVIVED'}"
    bar.write(f"{target.name}: {text}", file=sys.stderr)
    bar.update()


def table(targets: Sequence[Target], tried: Sequence[Tried]) -> str:
    """Caught / tried, operation by operation."""
    rows = [("operation", "tried", "caught", "equivalent", "survived", "")]
    counts = []
    for target in targets:
        of_target = [(m, o) for t, m, o in tried if t is target]
        caught = sum(o.caught for _, o in of_target)
        equivalent = sum(not o.caught and bool(m.equivalent) for m, o in of_target)
        counts.append((len(of_target), caught, equivalent))
        rows.append((target.name, *figures(*counts[-1])))
    rows.append(("all", *figures(*[sum(column) for column in zip(*counts, strict=True)])))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if not k else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def figures(tried: int, caught: int, equivalent: int) -> tuple[str, ...]:
    share = f"{caught / max(tried - equivalent, 1):.0%}"
    return str(tried), str(caught), str(equivalent), str(tried - caught - equivalent), share


if __name__ == "__main__":
    sys.exit(main())

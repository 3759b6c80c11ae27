"""`python -m tests.check.right --seeds 200`: right layers under many seeds; none may be blamed."""

import argparse
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pt_reference.check.checker import check_file
from pt_reference.check.contract import LAYERS
from pt_reference.check.results import ERROR, NOT_ATTEMPTED, PASS

HERE = Path(__file__).parent
FILES = sorted([*HERE.glob("[!_]*.py"), *(HERE.parent / "students").glob("*.py")])


def false_alarms(path, seed, layers=()):
    """Return which layers of a right file pass, and what is said against them."""
    report = check_file(path, layers, seed)
    tried = {n: r for n, r in report.layers.items() if r.verdict != NOT_ATTEMPTED}
    passed = [name for name, layer in tried.items() if layer.verdict == PASS]
    said = [
        f"{path.stem} {name}, seed {seed}: {layer.text} "
        + "; ".join(f"{f.where} {f.cause.id} in {f.cases}" for f in layer.findings if f.severity == ERROR)
        for name, layer in tried.items()
        if layer.verdict != PASS
    ]
    return path.stem, tried, passed, [report.problem, *said] if report.problem else said


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.check.right", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--layer", action="append", default=[], choices=list(LAYERS))
    parser.add_argument("--file", action="append", default=[], help="the name of a file, no .py")
    arguments = parser.parse_args()
    files = [path for path in FILES if not arguments.file or path.stem in arguments.file]
    start = time.perf_counter()
    tried, passed, checks, alarms = Counter(), Counter(), 0, []
    jobs = [(path, seed, arguments.layer) for seed in range(arguments.seeds) for path in files]
    with ThreadPoolExecutor(2) as pool:
        for name, layers, right, said in pool.map(lambda job: false_alarms(*job), jobs):
            tried.update((name, layer) for layer in layers)
            passed.update((name, layer) for layer in right)
            checks += sum(layer.checks for layer in layers.values())
            alarms += said
    print(f"{'passed of seeds':20}" + "".join(f"{layer:>11}" for layer in LAYERS))
    for path in files:
        cells = [(path.stem, layer) for layer in LAYERS]
        row = [f"{passed[c]}/{tried[c]}" if tried[c] else "-" for c in cells]
        print(f"{path.stem:20}" + "".join(f"{cell:>11}" for cell in row))
    ways = [sum(tried[path.stem, layer] > 0 for path in files) for layer in LAYERS]
    print(f"{'ways':20}" + "".join(f"{n:>11}" for n in ways))
    print(f"{checks} checks, {len(alarms)} false alarms, {time.perf_counter() - start:.0f} s")
    print(*alarms[:40], sep="\n")
    return 1 if alarms else 0


if __name__ == "__main__":
    raise SystemExit(main())

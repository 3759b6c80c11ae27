"""`python -m tests.check.right --seeds 200`: right layers under many seeds; none may be blamed."""

import argparse
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from pt_reference.check.contract import LAYERS
from pt_reference.check.layer_check import LayerCheck
from pt_reference.check.results import ERROR, PASS, LayerReport
from pt_reference.check.sandbox import Limits, Sandbox

HERE = Path(__file__).parent
FILES = sorted([*HERE.glob("[!_]*.py"), *(HERE.parent / "students").glob("*.py")])


class Right:
    """A right file in its process, and what was said of it under all seeds so far."""

    def __init__(self, path, wanted):
        self.name = path.stem
        self.sandbox = Sandbox(path, Limits(processor_seconds=10**5))
        found = self.sandbox.load()["layers"]
        self.found = {name: found[name] for name in wanted if name in found}
        self.tried, self.passed = Counter(), Counter()
        self.checks, self.alarms = 0, []

    def check(self, seed):
        for name, found in self.found.items():
            report = LayerReport(name)
            LayerCheck(self.sandbox, report, found, seed).run()
            self.tried[name] += 1
            self.passed[name] += report.verdict == PASS
            self.checks += report.checks
            self.alarms += [
                f"{self.name} {name} {seed}: {f.where} {f.cause.id} in {f.cases}, {f.failure.text}"
                for f in report.findings
                if f.severity == ERROR
            ]


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.check.right", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--layer", action="append", default=[], choices=list(LAYERS))
    parser.add_argument("--file", action="append", default=[], help="the name of a file, no .py")
    arguments = parser.parse_args()
    files = [path for path in FILES if not arguments.file or path.stem in arguments.file]
    start = time.perf_counter()
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        rights = [Right(path, arguments.layer or LAYERS) for path in files]
        for right in rights:
            stack.enter_context(right.sandbox)
        for seed in range(arguments.seeds):
            list(pool.map(lambda right: right.check(seed), rights))  # noqa: B023
    print(f"{'passed of seeds':20}" + "".join(f"{layer:>11}" for layer in LAYERS))
    for right in rights:
        cells = [f"{right.passed[n]}/{k}" if (k := right.tried[n]) else "-" for n in LAYERS]
        print(f"{right.name:20}" + "".join(f"{cell:>11}" for cell in cells))
    alarms = [alarm for right in rights for alarm in right.alarms]
    checks = sum(right.checks for right in rights)
    ways = [sum(layer in right.found for right in rights) for layer in LAYERS]
    print(f"{'ways':20}" + "".join(f"{n:>11}" for n in ways))
    print(f"{checks} checks, {len(alarms)} false alarms, {time.perf_counter() - start:.0f} s")
    print(*alarms[:40], sep="\n")
    return 1 if alarms else 0


if __name__ == "__main__":
    raise SystemExit(main())

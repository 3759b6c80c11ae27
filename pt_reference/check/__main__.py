"""`python -m pt_reference.check FILE.py`: a first printout."""

import sys
import time

from pt_reference.check.checker import check_file
from pt_reference.check.report.terminal import text

start = time.perf_counter()
reports = [check_file(path) for path in sys.argv[1:]]
for report in reports:
    print(text(report))
print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr)
sys.exit(0 if all(r.passed for r in reports) else 1)

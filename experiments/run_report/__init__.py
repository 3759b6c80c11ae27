"""The report of a run, for reading: `report.md` and `report.html` in the run's folder.

In reading order: findings, measurements, answers, pictures, page; the words are in templates/.
"""

from experiments.run_folder import RunFolder
from experiments.run_report.findings import Findings, LayerRow

__all__ = ["Findings", "LayerRow", "write_report"]


def write_report(folder: RunFolder, findings: Findings) -> None:
    """Write a run's report as Markdown and as a web page that needs no other file."""
    title = f"# {findings.config['model']}: test error {100 * findings.test_ce:.2f} %\n"
    folder.write("report.md", title)

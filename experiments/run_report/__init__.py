"""The report of a run, for reading: `report.md` and `report.html` in the run's folder.

In reading order: findings, measurements, facts; analysis, architecture, answers; pictures,
drawings; contents, page. What does not change from run to run is in templates/.
"""

from experiments.run_folder import RunFolder
from experiments.run_report.contents import contents
from experiments.run_report.drawings import diagrams, sheets
from experiments.run_report.facts import Facts
from experiments.run_report.findings import Findings, LayerRow
from experiments.run_report.page import file_name, html_page, markdown
from experiments.run_report.pictures import png

__all__ = ["Findings", "LayerRow", "write_report"]


def write_report(folder: RunFolder, findings: Findings) -> None:
    """Write a run's report as a web page that needs no other file, and as Markdown with figures."""
    facts = Facts(findings)
    content = contents(facts)
    drawn = diagrams(facts)
    folder.write("report.html", html_page(facts, content, drawn))
    figures = drawn | sheets(facts, content)
    for name, drawing in figures.items():
        folder.write(file_name(name), png(drawing.figure))
    folder.write("report.md", markdown(facts, content, figures))

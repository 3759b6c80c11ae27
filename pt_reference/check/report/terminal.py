"""A report for a person at a terminal."""

from pt_reference.check.results import FileReport


def text(report: FileReport, hints: str = "cause") -> str:
    """Return the report of a file in lines."""
    lines = [report.path]
    if report.problem:
        lines.append(f"  {report.problem}")
    for name, layer in report.layers.items():
        skipped = f", {sum(layer.skipped.values())} skipped" if layer.skipped else ""
        lines.append(f"  {name}: {layer.verdict} ({layer.checks} checks{skipped})")
        if layer.text:
            lines.append(f"    {layer.text}")
        for f in layer.findings:
            lines.append(
                f"    {f.severity}: {f.check}, {f.where}: {f.cause.id}: {f.cause.hint(hints)}"
            )
            lines.append(f"      in {', '.join(f.cases)}")
    return "\n".join(lines)

"""Reports as tables: for a terminal, and as Markdown for a page."""

from benchmarks.speed.report import Figure, Report


def as_text(report: Report) -> str:
    """A table for a terminal."""
    rows: list[tuple[str, str, str, str]] = []
    lines: list[str] = []
    for finding in report.findings:
        rows = [(figure.name, shown(figure), shown_target(figure), verdict(figure)) for figure in finding.figures]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines += ["", finding.title]
        for name, value, target, reached in rows:
            line = f"  {name:<{widths[0]}}  {value:>{widths[1]}}  {target:<{widths[2]}}  {reached}"
            lines.append(line.rstrip())
        lines += [f"  {note}" for note in finding.notes]
    lines += ["", *(f"NOT MEASURED: {what}" for what in report.missing)] if report.missing else []
    if report.faults:
        lines += ["", f"FAULTS ({len(report.faults)}):", *(f"  {fault}" for fault in report.faults)]
    return "\n".join([*lines, ""])


def as_markdown(report: Report) -> str:
    """A table for a page: one row a figure."""
    lines = ["| what | measured | target | reached |", "|---|---:|---:|---|"]
    for finding in report.findings:
        lines.append(f"| **{finding.title}** | | | |")
        lines += [
            f"| {figure.name} | {shown(figure)} | {shown_target(figure)} | {verdict(figure)} |"
            for figure in finding.figures
        ]
    return "\n".join([*lines, ""])


def number(value: float) -> str:
    """Three digits that count, and thousands marked."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def with_unit(value: float, unit: str) -> str:
    return f"{number(value)}{'' if unit in {'/s', ''} else ' '}{unit}"


def shown(figure: Figure) -> str:
    return with_unit(figure.value, figure.unit)


def shown_target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    return f"{'≤' if figure.is_at_most else '≥'} {with_unit(figure.target, figure.unit)}"


def verdict(figure: Figure) -> str:
    return {True: "yes", False: "NO", None: ""}[figure.is_reached]

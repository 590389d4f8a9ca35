"""Reports as tables: for a terminal, and as Markdown for a page."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from benchmarks.speed.report import Figure, Finding, Report


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
    """Tables for a page. Findings in a row that have the same figures share one, a row each."""
    groups = groupby(report.findings, key=lambda finding: [figure.name for figure in finding.figures])
    tables = [_tall(alike[0]) if len(alike) == 1 else _wide(alike) for alike in (list(group) for _, group in groups)]
    return "\n\n".join("\n".join(lines) for lines in tables) + "\n"


def _wide(findings: Sequence[Finding]) -> list[str]:
    names = [figure.name for figure in findings[0].figures]
    lines = [_row(["", *names]), _row(["---", *["---:"] * len(names)])]
    return lines + [_row([finding.title, *map(_with_target, finding.figures)]) for finding in findings]


def _tall(finding: Finding) -> list[str]:
    figures = [_row([figure.name, _with_target(figure)]) for figure in finding.figures]
    return [_row([finding.title, "measured"]), _row(["---", "---:"]), *figures]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _with_target(figure: Figure) -> str:
    target = shown_target(figure)
    return f"{shown(figure)}{f' ({target})' if target else ''}{' **missed**' if figure.is_reached is False else ''}"


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

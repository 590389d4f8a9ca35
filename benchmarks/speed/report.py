"""What a command found: figures, each with its target where there is one, as JSON and as Markdown."""

import datetime
import os
import platform
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import psutil


class Figure(msgspec.Struct, omit_defaults=True):
    """One number. `target` is at least (or with `is_at_most`, at most) to be reached."""

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    is_at_most: bool = False

    @property
    def is_missed(self) -> bool:
        if self.target is None:
            return False
        return self.value > self.target if self.is_at_most else self.value < self.target

    def __str__(self) -> str:
        text = self._with_unit(self.value)
        if self.target is not None:
            text += f" ({'≤' if self.is_at_most else '≥'} {self._with_unit(self.target)})"
        return f"{text} **missed**" if self.is_missed else text

    def _with_unit(self, value: float) -> str:
        return f"{number(value)}{'' if self.unit in {'/s', ''} else ' '}{self.unit}"


class Finding(msgspec.Struct, omit_defaults=True):
    """The figures of one run."""

    title: str
    figures: list[Figure]
    notes: list[str] = []


class Report(msgspec.Struct, omit_defaults=True):
    """What a command found. `faults` are events that were wrong or missing: one is enough for the command to fail."""

    command: str
    options: dict[str, Any]
    machine: dict[str, str]
    at: str
    findings: list[Finding] = []
    faults: list[str] = []
    # What could not be measured, and why.
    missing: list[str] = []


def new_report(command: str, options: dict[str, Any]) -> Report:
    return Report(command, options, machine(), datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"))


def encode(reports: list[Report]) -> bytes:
    """The JSON of reports, for people to read as well."""
    return msgspec.json.format(msgspec.json.encode(reports)) + b"\n"


def read_reports(path: Path) -> list[Report]:
    """What encode() wrote. ValueError for what is none."""
    return msgspec.json.decode(path.read_bytes(), type=list[Report])


def machine() -> dict[str, str]:
    """What this was measured on."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "processor": models[0].partition(":")[2].strip() if models else platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def as_markdown(report: Report) -> str:
    """Tables. Findings in a row that have the same figures share one, a row each."""
    blocks = []
    for names, group in groupby(report.findings, key=lambda finding: [figure.name for figure in finding.figures]):
        findings = list(group)
        if len(findings) == 1:
            rows = [[findings[0].title, "measured"], *([each.name, str(each)] for each in findings[0].figures)]
        else:
            rows = [["", *names], *([each.title, *map(str, each.figures)] for each in findings)]
        line = ["---", *["---:"] * (len(rows[0]) - 1)]
        blocks.append("\n".join(_row(row) for row in [rows[0], line, *rows[1:]]))
        blocks += [f"{finding.title}: {note}" for finding in findings for note in finding.notes]
    blocks += [f"NOT MEASURED: {what}" for what in report.missing] + [f"FAULT: {fault}" for fault in report.faults]
    return "\n\n".join(blocks) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def number(value: float) -> str:
    """Three digits that count, and thousands marked."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"

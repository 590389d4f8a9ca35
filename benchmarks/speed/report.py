"""What a command found: figures, each with its target where there is one, in a form that JSON keeps."""

import datetime
import os
import platform
from pathlib import Path
from typing import Any

import msgspec
import psutil

SCHEMA = 1


class Figure(msgspec.Struct, omit_defaults=True):
    """One number. `target` is at least (or with `is_at_most`, at most) to be reached."""

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    is_at_most: bool = False

    @property
    def is_reached(self) -> bool | None:
        if self.target is None:
            return None
        return self.value <= self.target if self.is_at_most else self.value >= self.target


class Series(msgspec.Struct):
    """One line, or one bar a point, of a chart."""

    name: str
    points: list[tuple[float, float]]


class Chart(msgspec.Struct, omit_defaults=True):
    """A picture of what was found. With `labels` it has bars, one group a label, else lines."""

    title: str
    x: str
    y: str
    series: list[Series]
    labels: list[str] = []
    # A line across, and what it means.
    limit: float | None = None
    limit_name: str = ""
    is_logarithmic: bool = False


class Finding(msgspec.Struct, omit_defaults=True):
    """The figures of one run."""

    title: str
    figures: list[Figure]
    notes: list[str] = []


class Report(msgspec.Struct, omit_defaults=True):
    """What a command found. `faults` are events that were wrong or missing: one is enough for the command to fail."""

    schema: int
    command: str
    options: dict[str, Any]
    machine: dict[str, str]
    at: str
    findings: list[Finding] = []
    faults: list[str] = []
    # What could not be measured, and why.
    missing: list[str] = []
    charts: list[Chart] = []


def new_report(command: str, options: dict[str, Any]) -> Report:
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Report(SCHEMA, command, options, machine(), at)


def encode(reports: list[Report]) -> bytes:
    """The JSON of reports, for people to read as well."""
    return msgspec.json.format(msgspec.json.encode(reports)) + b"\n"


def read_reports(path: Path) -> list[Report]:
    """What encode() wrote. ValueError for what is none."""
    return msgspec.json.decode(path.read_bytes(), type=list[Report])


def machine() -> dict[str, str]:
    """What this was measured on."""
    processor = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    return {
        "processor": processor,
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }

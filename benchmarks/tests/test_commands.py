"""Each command, in small, on a real service. It is seen that they work and check; speed is of no interest here."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.report import read_reports

PROJECT = Path(__file__).resolve().parent.parent.parent
FIGURES = {
    "fanout": {"deliveries", "posts", "p99", "generator's share of a core"},
    "post": {"posts", "pgbench", "ratio", "p99"},
    "latency": {"p50", "p99", "events checked"},
    "idle": {"memory of a stream", "share of a core", "threads more", "database connections more"},
    "resume": {"all caught up", "posts' p99", "events checked"},
    "read": {"requests", "p99"},
}


@pytest.mark.parametrize("command", FIGURES)
def test_a_command_measures_and_finds_no_fault(command: str, tmp_path: Path) -> None:
    seconds = {"post": "2", "idle": "1", "fanout": "0.2"}.get(command, "0.5")
    report, chart = tmp_path / "report.json", tmp_path / "chart.svg"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", command, "--short", "--streams", "5", "--workers", "1"]
        + ["--seconds", seconds, "--json", str(report), "--chart", str(chart)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    (found,) = read_reports(report)
    assert found.faults == []
    assert FIGURES[command] <= {figure.name for finding in found.findings for figure in finding.figures}
    assert all(figure.value >= 0 for finding in found.findings for figure in finding.figures)
    assert ElementTree.fromstring(chart.read_text()).tag.endswith("svg")

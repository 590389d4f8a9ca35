"""Reports: their JSON, their verdicts, their tables, and the exit code."""

import json
from pathlib import Path

import msgspec
import pytest

from benchmarks.speed import command as command_line
from benchmarks.speed import report
from benchmarks.speed.report import Chart, Figure, Finding, Report, Series, encode, read_reports
from benchmarks.speed.run import Run
from benchmarks.speed.table import as_markdown, as_text

REPORT = Report(
    schema=1,
    command="latency",
    options={"streams": 5},
    machine={"cores": "2"},
    at="2026-01-01T10:00:00+00:00",
    findings=[
        Finding("Latency", [Figure("p50", 12.34, "ms", 20.0, True), Figure("posts", 49.0, "/s", 50.0)], ["A note."])
    ],
    faults=["gap: seq 6"],
    missing=["nchan"],
    charts=[Chart("Title", "x", "y", [Series("one", [(1.0, 2.0)])])],
)


def test_the_json_keeps_its_shape() -> None:
    (found,) = json.loads(encode([REPORT]))
    assert report.SCHEMA == 1
    assert found == {
        "command": "latency",
        "options": {"streams": 5},
        "machine": {"cores": "2"},
        "at": "2026-01-01T10:00:00+00:00",
        "findings": [
            {
                "title": "Latency",
                "figures": [
                    {"name": "p50", "value": 12.34, "unit": "ms", "target": 20.0, "is_at_most": True},
                    {"name": "posts", "value": 49.0, "unit": "/s", "target": 50.0},
                ],
                "notes": ["A note."],
            }
        ],
        "faults": ["gap: seq 6"],
        "missing": ["nchan"],
        "charts": [{"title": "Title", "x": "x", "y": "y", "series": [{"name": "one", "points": [[1.0, 2.0]]}]}],
        "schema": 1,
    }


def test_a_report_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(encode([REPORT]))
    assert read_reports(path) == [REPORT]


def test_targets_are_at_least_or_at_most() -> None:
    assert Figure("ratio", 0.4, "", 0.4).is_reached
    assert not Figure("ratio", 0.39, "", 0.4).is_reached
    assert Figure("p99", 100.0, "ms", 100.0, is_at_most=True).is_reached
    assert not Figure("p99", 100.1, "ms", 100.0, is_at_most=True).is_reached
    assert Figure("anything", 1.0).is_reached is None


def test_tables_show_values_targets_faults_and_what_is_missing() -> None:
    text = as_text(REPORT)
    assert "12.3 ms" in text
    assert "≤ 20 ms" in text
    assert "NO" in text
    assert "gap: seq 6" in text
    assert "NOT MEASURED: nchan" in text


def test_findings_with_the_same_figures_share_a_table() -> None:
    alone, (first, second) = REPORT.findings[0], (Finding(name, [Figure("p50", 2.0, "ms")]) for name in ("1", "2"))
    report = msgspec.structs.replace(REPORT, findings=[first, second, alone])
    assert as_markdown(report) == (
        "|  | p50 |\n| --- | ---: |\n| 1 | 2 ms |\n| 2 | 2 ms |\n\n"
        "| Latency | measured |\n| --- | ---: |\n| p50 | 12.3 ms (≤ 20 ms) |\n| posts | 49/s (≥ 50/s) **missed** |\n"
    )


@pytest.mark.parametrize(("faults", "code"), [([], 0), (["gap: seq 6"], 1)])
def test_a_fault_ends_the_command_with_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, faults: list[str], code: int
) -> None:
    def measure(run: Run) -> None:
        run.add(REPORT.findings[0])
        run.fail(faults)
        run.report.charts.append(REPORT.charts[0])

    monkeypatch.setitem(command_line.COMMANDS, "latency", (measure, ""))
    written, drawn = tmp_path / "report.json", tmp_path / "latency.svg"
    assert command_line.main(["latency", "--json", str(written), "--folder", str(tmp_path)]) == code
    (found,) = read_reports(written)
    assert found.faults == faults
    assert drawn.read_text().startswith("<svg")

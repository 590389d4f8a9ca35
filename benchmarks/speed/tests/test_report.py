"""Reports: their JSON, their verdicts, their tables, and the exit code."""

from pathlib import Path

import pytest

from benchmarks.speed import command as command_line
from benchmarks.speed.report import Figure, Finding, Report, as_markdown, encode, read_reports
from benchmarks.speed.run import Run

REPORT = Report(
    command="latency",
    options={"streams": 5},
    machine={"cores": "2"},
    at="2026-01-01T10:00:00+00:00",
    findings=[
        Finding("Latency", [Figure("p50", 12.34, "ms", 20.0, True), Figure("posts", 49.0, "/s", 50.0)], ["A note."])
    ],
    faults=["gap: seq 6"],
    missing=["nchan"],
)


def test_a_report_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(encode([REPORT]))
    assert read_reports(path) == [REPORT]


def test_targets_are_at_least_or_at_most() -> None:
    assert not Figure("ratio", 0.4, "", 0.4).is_missed
    assert Figure("ratio", 0.39, "", 0.4).is_missed
    assert not Figure("p99", 100.0, "ms", 100.0, is_at_most=True).is_missed
    assert Figure("p99", 100.1, "ms", 100.0, is_at_most=True).is_missed
    assert not Figure("anything", 1.0).is_missed


def test_tables_show_values_targets_notes_faults_and_what_is_missing() -> None:
    assert as_markdown(REPORT) == (
        "| Latency | measured |\n| --- | ---: |\n| p50 | 12.3 ms (≤ 20 ms) |\n| posts | 49/s (≥ 50/s) **missed** |\n\n"
        "Latency: A note.\n\nNOT MEASURED: nchan\n\nFAULT: gap: seq 6\n"
    )


def test_findings_with_the_same_figures_share_a_table() -> None:
    findings = [Finding(name, [Figure("p50", 2.0, "ms")]) for name in ("1", "2")]
    report = Report("latency", {}, {}, "", findings)
    assert as_markdown(report) == "|  | p50 |\n| --- | ---: |\n| 1 | 2 ms |\n| 2 | 2 ms |\n"


@pytest.mark.parametrize(("faults", "code"), [([], 0), (["gap: seq 6"], 1)])
def test_a_fault_ends_the_command_with_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, faults: list[str], code: int
) -> None:
    def measure(run: Run) -> None:
        run.add(REPORT.findings[0])
        run.fail(*faults)

    monkeypatch.setitem(command_line.COMMANDS, "latency", (measure, ""))
    written = tmp_path / "report.json"
    assert command_line.main(["latency", "--json", str(written)]) == code
    (found,) = read_reports(written)
    assert found.faults == faults

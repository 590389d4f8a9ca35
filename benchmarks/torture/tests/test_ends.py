"""When a stream counts as open too long after its right has ended."""

import time

from benchmarks.torture.fault_windows import Weather
from benchmarks.torture.oracle import Oracle
from benchmarks.torture.transcripts import Visit
from benchmarks.torture.violations import Findings


def found_about(visit: Visit) -> dict[str, int]:
    """The violations in a stream whose right ended ten seconds ago."""
    oracle = Oracle(Findings(), Weather(), allowance=2.0)
    visit.must_end_at = time.monotonic() - 10
    oracle.check_end(visit)
    return dict(oracle.findings.counts)


def test_a_stream_that_stays_open_without_a_right_is_found() -> None:
    assert found_about(Visit("alice", 0, "token:7", None, 0)) == {"I6": 1}


def test_a_client_that_does_not_read_cannot_see_its_end() -> None:
    visit = Visit("alice", 0, "token:7", None, 0)
    visit.stalled_until = float("inf")
    assert found_about(visit) == {}

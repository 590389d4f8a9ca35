"""When a stream counts as open too long after its right has ended."""

import time

from benchmarks.torture.fault_windows import FaultWindows
from benchmarks.torture.oracle import Oracle
from benchmarks.torture.transcripts import Transcript
from benchmarks.torture.violations import Violations


def violations_of(transcript: Transcript, *, fault: str = "") -> dict[str, int]:
    """Of a stream whose right ended ten seconds ago, where something is broken, or nothing."""
    oracle = Oracle(Violations(), FaultWindows(), allowance=2.0)
    transcript.must_end_at = time.monotonic() - 10
    if fault:
        oracle.windows.add_past(fault, time.monotonic() - 9)
    oracle.check_end(transcript)
    return dict(oracle.violations.counts)


def open_stream() -> Transcript:
    return Transcript("alice", 1, 0, "token:7", None, 0)


def test_a_stream_that_stays_open_without_a_right_is_found() -> None:
    assert violations_of(open_stream()) == {"I6": 1}


def test_a_client_that_does_not_read_cannot_see_its_end() -> None:
    transcript = open_stream()
    transcript.stalled_until = float("inf")
    assert violations_of(transcript) == {}


def test_a_fault_is_an_excuse_unless_it_is_of_redis() -> None:
    assert violations_of(open_stream(), fault="postgres") == {}
    assert violations_of(open_stream(), fault="redis") == {"I6": 1}

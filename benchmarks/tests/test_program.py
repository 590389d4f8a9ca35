"""Programs that a run starts end with it, however it ends."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.processes.postgres import PROJECT
from benchmarks.processes.program import Program, wait_for

# Starts a program that starts another one, tells the pids of both, and waits.
STARTER = """
import pathlib, sys
from benchmarks.processes.program import Program
program = Program(pathlib.Path(sys.argv[1]), "sh", "-c", "sleep 600 & wait")
program.start()
while len(family := program.family()) < 2:
    pass
print(*(process.pid for process in family), flush=True)
input()
"""


def test_all_of_it_ends_when_the_run_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=PROJECT, stdin=-1, stdout=-1, text=True) as starter:
        assert starter.stdout is not None
        pids = [int(pid) for pid in starter.stdout.readline().split()]
        starter.kill()
    assert len(pids) == 2
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in pids), "the end of the programs")


def test_all_of_it_ends_when_it_is_stopped_also_where_it_is_frozen_or_does_not_listen(tmp_path: Path) -> None:
    program = Program(tmp_path / "log", "sh", "-c", "trap '' TERM; sleep 600 & wait")
    program.stop_seconds = 0.2
    program.start()
    family = wait_for(lambda: found if len(found := program.family()) == 2 else [], "both processes")
    with program.frozen():
        assert program.stop() < 10
    assert not any(process.is_running() for process in family)


def test_what_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="(?s)log ended.*no such thing"):
        Program(tmp_path / "log", "sh", "-c", "echo no such thing; exit 1", port=9).start()

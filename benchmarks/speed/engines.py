"""The embedded engines of a run: kept up for the commands that follow, and ended with it."""

import subprocess
import sys
from pathlib import Path

import psutil

PROJECT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 30
HOLD = (
    "import pathlib, sys; from chatserver.storage.embedded import ensure_running; "
    "ensure_running(pathlib.Path(sys.argv[1])); print('up', flush=True); input()"
)


class Engines:
    """A process that holds a lease on the engines of a data folder. RuntimeError where they do not start."""

    def __init__(self, data: Path, env: dict[str, str]) -> None:
        path = data / "engines.log"
        with path.open("wb") as log:
            self._holder = subprocess.Popen(
                [sys.executable, "-c", HOLD, str(data)],
                cwd=PROJECT,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"up\n":
            self._holder.wait()
            raise RuntimeError(f"the engines did not start:\n{path.read_text()}")

    def stop(self) -> None:
        """Give the lease back, and wait until the engines have ended."""
        engines = psutil.Process(self._holder.pid).children(recursive=True) if self._holder.poll() is None else []
        self._holder.communicate(b"\n")
        psutil.wait_procs(engines, STOP_SECONDS)

    def cpu_seconds(self) -> dict[str, float]:
        """The processor time that PostgreSQL and Valkey have used so far."""
        processes = psutil.Process(self._holder.pid).children(recursive=True)
        return {
            "postgres": sum(cpu_of(process) for process in processes if name_of(process) == "postgres"),
            "redis": sum(cpu_of(process) for process in processes if "valkey" in name_of(process)),
        }


def cpu_of(process: psutil.Process) -> float:
    """The processor time of a process in seconds; 0.0 where it has ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def name_of(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return ""

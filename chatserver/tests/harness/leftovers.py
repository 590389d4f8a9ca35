"""Processes that a run of tests leaves behind: PostgreSQL, Valkey, servers, nginx, whatever a test started."""

import contextlib
import threading
import time

import psutil

LOOK_SECONDS = 1.0
# The engines of the tests' own data folder end by themselves when nobody holds a lease on them any more.
END_SECONDS = 20.0
# Python's own helper, which ends with the process that it helps.
EXEMPT = "multiprocessing.resource_tracker"


class ProcessWatch(threading.Thread):
    """Remembers every descendant of this process, also where those between end and it gets another parent."""

    def __init__(self, exempt: tuple[str, ...] = ()) -> None:
        super().__init__(name="process watch", daemon=True)
        self._exempt = (EXEMPT, *exempt)
        self._seen: set[psutil.Process] = set()
        self._is_over = threading.Event()

    def run(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        self._seen = {process for process in self._seen if is_alive(process)}
        self._seen.update(psutil.Process().children(recursive=True))

    def leftovers(self, seconds: float = END_SECONDS) -> dict[psutil.Process, str]:
        """Those that run on for so long, with their command lines. The watch is over then."""
        self._is_over.set()
        deadline = time.monotonic() + seconds
        while (found := self._alive()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def _alive(self) -> dict[psutil.Process, str]:
        self.look()
        lines = {process: line for process in self._seen if (line := command_of(process))}
        exempt = {process for process, line in lines.items() if any(name in line for name in self._exempt)}
        for process in list(exempt):
            with contextlib.suppress(psutil.NoSuchProcess):
                exempt.update(process.children(recursive=True))
        return {process: line for process, line in lines.items() if process not in exempt}


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command_of(process: psutil.Process) -> str:
    """ "" where it has ended."""
    try:
        return " ".join(process.cmdline()) if is_alive(process) else ""
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""

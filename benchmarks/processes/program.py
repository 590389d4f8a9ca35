"""The programs that a run starts. However the run ends, they end with it."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Self, TypeVar

import psutil

Found = TypeVar("Found")
START_SECONDS = 120.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.05
PROGRAM_FOLDERS = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def find_program(name: str) -> str | None:
    return shutil.which(name, path=PROGRAM_FOLDERS)


def free_port() -> int:
    """For servers that can't say which port they took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(look: Callable[[], Found], what: str, seconds: float = 30.0) -> Found:
    """The first truthy answer of `look`. RuntimeError when the time is over."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds:.0f} s for {what}")
        time.sleep(POLL_SECONDS)
    return found


class Program:
    """A process with all that it starts. `with program:` runs it until the end of the block.

    It is ready when it listens on `port` (0: at once). `user`: the id of the account to run as, None: our own.
    """

    stop_signal = signal.SIGTERM
    stop_seconds = STOP_SECONDS

    def __init__(
        self, log: Path, *command: str, port: int = 0, env: Mapping[str, str] | None = None, folder: Path = Path("/")
    ) -> None:
        self.name = log.stem
        self.log = log
        self.port = port
        self.env = env
        self.user: int | None = None
        self._command = command
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it is ready. RuntimeError with the end of its log where it does not get there."""
        program = find_program(self._command[0])
        if program is None:
            raise RuntimeError(f"{self._command[0]} is not installed")
        user, group = (None, None) if self.user is None else pwd.getpwuid(self.user)[2:4]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [program, *self._command[1:]],
                user=user,
                group=group,
                extra_groups=None if user is None else [],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._folder,
                env=self.env,
                start_new_session=True,
            )
        # Nobody holds the pipe any more when we have ended, in whatever way; then all of it is killed.
        guard = ["/bin/sh", "-c", f"read _; kill -KILL -{self._process.pid}"]
        self._guard = subprocess.Popen(
            guard, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            wait_for(self._has_started, self.name, START_SECONDS)
        except RuntimeError as error:
            self.kill()
            raise RuntimeError(f"{error}; its log ends with\n{self.log.read_text()[-3000:]}") from error

    def _has_started(self) -> bool:
        if not self.is_running:
            raise RuntimeError(f"{self.name} ended while it started")
        return self.is_ready()

    def wait(self) -> None:
        """Until it ends by itself. RuntimeError where that is no success."""
        assert self._process is not None
        if self._process.wait():
            raise RuntimeError(f"{self.name} failed; its log ends with\n{self.log.read_text()[-3000:]}")

    def is_ready(self) -> bool:
        if self.port:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                return False
        return True

    def family(self) -> list[psutil.Process]:
        """The process and its descendants; nothing where it has ended."""
        if not self.is_running:
            return []
        assert self._process is not None
        try:
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_seconds(self) -> dict[str, float]:
        """The processor time that all of it used so far, by its name."""
        used = 0.0
        for process in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                used += times.user + times.system
        return {self.name: used}

    def send_signal(self, number: signal.Signals) -> None:
        if self.is_running:
            assert self._process is not None
            self._process.send_signal(number)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP to all of it until the end of the block."""
        family = self.family()
        _signal_all(family, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal_all(family, signal.SIGCONT)

    def stop(self, number: signal.Signals | None = None) -> float:
        """Have it end, kill what does not in time, and tell how many seconds that took."""
        began = time.monotonic()
        family = self.family()
        _signal_all(family, signal.SIGCONT)
        self.send_signal(number or self.stop_signal)
        psutil.wait_procs(family[:1], self.stop_seconds)
        took = time.monotonic() - began
        self._kill(family)
        return took

    def kill(self) -> None:
        """SIGKILL to all of it, as if its machine had vanished."""
        self._kill(self.family())

    def _kill(self, family: list[psutil.Process]) -> None:
        _signal_all(family, signal.SIGKILL)
        psutil.wait_procs(family, STOP_SECONDS)
        if self._process is not None:
            self._process.wait()
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None


def _signal_all(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # psutil knows when a pid was given to another process
            process.send_signal(number)

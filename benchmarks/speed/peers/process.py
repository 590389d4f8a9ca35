"""A peer's server process, on a port of its own, with its logs in the folder of the run."""

import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

import psutil

START_SECONDS = 60
STOP_SECONDS = 15


def free_port() -> int:
    """A port that nobody has. For servers that can't say which one they took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PeerProcess:
    """`with PeerProcess("nginx", command, port, folder):` runs it until the end of the block."""

    def __init__(
        self, name: str, command: list[str], port: int, folder: Path, env: dict[str, str] | None = None
    ) -> None:
        self.name = name
        self.port = port
        self._command = command
        self._folder = folder
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "PeerProcess":
        path = self._folder / f"{self.name}.log"
        with path.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_listening():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._end()
                raise RuntimeError(f"{self.name} did not start:\n{path.read_text()[-3000:]}")
            time.sleep(0.05)
        return self

    def _is_listening(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                for process in [*psutil.Process(self._process.pid).children(recursive=True), self._process]:
                    process.kill()
                self._process.wait()

    def cpu_seconds(self) -> dict[str, float]:
        """The processor time that it used so far, with its children."""
        assert self._process is not None
        server = psutil.Process(self._process.pid)
        used = [process.cpu_times() for process in [server, *server.children(recursive=True)]]
        return {self.name: sum(times.user + times.system for times in used)}

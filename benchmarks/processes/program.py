"""Programs that a scenario starts, and that end with it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

Found = TypeVar("Found")
WAIT_SECONDS = 30.0
# PostgreSQL refuses to run as root.
ACCOUNT = "nobody"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - within the namespaces and the bridge of a scenario


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(look: Callable[[], Found], what: str, seconds: float = WAIT_SECONDS) -> Found:
    """The first truthy answer of `look`. RuntimeError when the time is over."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)
    return found


def answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


class Program:
    """One process, with its log. `command` is found on the PATH, /usr/sbin included."""

    def __init__(self, log: Path, *command: str, user: str | None = None, env: dict[str, str] | None = None) -> None:
        self._log = log
        name = shutil.which(command[0], path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if name is None:
            raise SystemExit(f"{command[0]} is missing here; see docs/scaling.md for what to install")
        self._command = [name, *command[1:]]
        self._user = user
        self._env = env
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as output:
            self.process = self._open(output)

    def _open(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            user=self._user,
            group=None,
            env=self._env,
            start_new_session=True,
        )

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def stop(self, number: int, seconds: float = 20.0) -> None:
        self.signal(number)
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

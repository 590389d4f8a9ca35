"""The paths of the embedded engines of one data folder."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from chatserver.config.data_folder import owner_of

# sockaddr_un holds 104 bytes on macOS and 108 on Linux; PostgreSQL appends "/.s.PGSQL.5432" and a lock suffix.
MAX_SOCKET_FOLDER = 80


@dataclass(frozen=True)
class Paths:
    """The files of the engines in one data folder. All follow from the folder's path."""

    data: Path

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def start_lock(self) -> Path:
        return self.data / "engines.start.lock"

    @property
    def lease_lock(self) -> Path:
        return self.data / "engines.lease.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.data / "engines.keeper.lock"

    @property
    def ready(self) -> Path:
        return self.data / "engines.ready"

    @property
    def sockets(self) -> Path:
        """The folder of both sockets: in the data folder, or below the system's temporary one if that is too deep."""
        folder = self.data / "run"
        if len(os.fsencode(folder)) <= MAX_SOCKET_FOLDER:
            return folder
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        user_id = owner_of(self.data) if os.geteuid() == 0 else os.geteuid()
        return Path(tempfile.gettempdir()) / f"chatserver-{user_id}-{digest}"

    @property
    def database_url(self) -> str:
        return f"postgres://postgres@/chatserver?host={self.sockets}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.sockets / 'valkey.sock'}"

"""An asynchronous replica of the checked PostgreSQL: when it is promoted, what it had not received is lost."""

from pathlib import Path

from chatserver.storage.embedded.account import own_folder
from chatserver.storage.embedded.postgres import Postgres
from chatserver.storage.embedded.process import spawn, wait_until

WAIT_SECONDS = 30.0


class Replica(Postgres):
    """A hot standby that streams from `primary`."""

    def __init__(self, primary: Postgres, folder: Path, sockets: Path, log: Path) -> None:
        own_folder(sockets, primary.account)
        super().__init__(folder, sockets, log, primary.account)
        self._primary = primary

    def start(self) -> None:
        if not self.folder.exists():
            own_folder(self.folder, self.account)
            copy = [str(self.programs / "pg_basebackup"), "-D", str(self.folder), "-h", str(self._primary.sockets)]
            if spawn([*copy, "-U", "postgres", "-R", "--checkpoint=fast"], self.log, self.account).wait() != 0:
                raise RuntimeError(f"the replica could not be copied; its log is {self.log}")
        super().start()

    def detach(self) -> None:
        """Receive nothing more: from here on the primary commits what will be lost."""
        self._run("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
        if not wait_until(lambda: self._run("SELECT count(*) FROM pg_stat_wal_receiver") == 0, WAIT_SECONDS):
            raise RuntimeError(f"the replica does not let go of its primary; its log is {self.log}")

    def promote(self) -> None:
        if self._run("SELECT pg_promote()") is not True:
            raise RuntimeError(f"the replica was not promoted; its log is {self.log}")

    def _run(self, *statements: str) -> object:
        """The first field of the last answer, if there is one."""
        connection = self._connect("postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return next(iter(cursor.fetchone() or ()), None) if cursor.description else None
        finally:
            connection.close()

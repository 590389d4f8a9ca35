"""A streaming replica of a test's own PostgreSQL, and a door that leads to whichever of them is the primary."""

from pathlib import Path

from chatserver.storage.embedded.account import own_folder
from chatserver.storage.embedded.postgres import Postgres
from chatserver.storage.embedded.process import spawn
from chatserver.tests.harness.databases import PrivateEngines, execute
from chatserver.tests.harness.waiting import wait_for

SOCKET = ".s.PGSQL.5432"


class Replica(Postgres):
    """A hot standby that streams from `primary`, asynchronously."""

    def __init__(self, primary: Postgres, folder: Path) -> None:
        own_folder(folder / "run", primary.account)
        super().__init__(folder / "postgres", folder / "run", folder / "postgres.log", primary.account)
        self.primary = primary

    def start(self) -> None:
        if not self.folder.exists():
            own_folder(self.folder, self.account)
            copy = [str(self.programs / "pg_basebackup"), "-D", str(self.folder), "-h", str(self.primary.sockets)]
            assert spawn([*copy, "-U", "postgres", "-R", "--checkpoint=fast"], self.log, self.account).wait() == 0
        super().start()

    def wait_until_equal(self) -> None:
        """Until it has replayed all that is committed on the primary by now."""
        [(end,)] = execute(self.primary.sockets, "SELECT pg_current_wal_flush_lsn()")
        wait_for(lambda: execute(self.sockets, f"SELECT pg_last_wal_replay_lsn() >= '{end}'") == [(True,)])

    def detach(self) -> None:
        """Receive nothing more: from here on the primary commits what will be lost."""
        execute(self.sockets, "ALTER SYSTEM SET primary_conninfo = ''")
        execute(self.sockets, "SELECT pg_reload_conf()")
        wait_for(lambda: execute(self.sockets, "SELECT count(*) FROM pg_stat_wal_receiver") == [(0,)])

    def promote(self) -> None:
        assert execute(self.sockets, "SELECT pg_promote()") == [(True,)]


class Door:
    """A folder whose socket leads to one server now and to another later, as the address of a primary does."""

    def __init__(self, folder: Path, engines: PrivateEngines) -> None:
        folder.mkdir()
        self._folder = folder
        self.lead_to(engines.postgres)
        self.env = engines.env | {"DATABASE_URL": f"postgres://postgres@/chatserver?host={folder}"}

    def lead_to(self, server: Postgres) -> None:
        link = self._folder / SOCKET
        link.unlink(missing_ok=True)
        link.symlink_to(server.sockets / SOCKET)

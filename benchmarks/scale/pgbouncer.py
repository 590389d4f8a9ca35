"""PgBouncer, between the servers and PostgreSQL."""

import shutil
import signal
from pathlib import Path

from benchmarks.processes.program import ACCOUNT, Program, answers, free_port, wait_for

PGBOUNCER = """[databases]
* = host={host} port={server_port} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 16
max_client_conn = 500
# A process that freezes inside a transaction holds a room; a request that can't be served soon is better refused.
idle_transaction_timeout = 30
query_wait_timeout = 5
server_login_retry = 1
server_check_delay = 0
"""


class PgBouncer:
    """In transaction mode, before the server at `host` (a name, or the folder of a socket) and `server_port`."""

    def __init__(self, folder: Path, host: str, server_port: int, user: str = ACCOUNT) -> None:
        self.port = free_port()
        self.folder = folder
        folder.mkdir()
        shutil.chown(folder, user)
        (folder / "users.txt").write_text('"postgres" ""\n')
        config = folder / "pgbouncer.ini"
        config.write_text(PGBOUNCER.format(host=host, server_port=server_port, port=self.port, folder=folder))
        self.program = Program(folder.with_suffix(".log"), "pgbouncer", str(config), user=user)
        self.program.start()
        wait_for(lambda: answers("127.0.0.1", self.port), "PgBouncer")

    def stop(self) -> None:
        self.program.stop(signal.SIGINT)

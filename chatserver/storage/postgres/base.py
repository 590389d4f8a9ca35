"""Django's PostgreSQL backend, with six differences.

- Before its first connection it makes sure that the embedded engines run, if the settings use them. So `migrate`,
  `shell` and the tests work with nothing running, while commands that need no database start nothing.
- A transaction that is idle for too long is ended.
- A statement that waits for a lock for too long fails with one of chatserver.storage.errors.LOCK_ERRORS.
- A query that is not answered in time fails, also where the server is frozen (deadlines.py).
- A connection that turned out to be read-only is not kept.
- The check of an idle connection costs no round trip: a server that ended a connection has written to its socket.
"""

import select
from typing import Any

from django.conf import settings
from django.db import Error, connections
from django.db.backends.postgresql import base
from psycopg2 import errorcodes

from chatserver.storage.embedded import ensure_running
from chatserver.storage.errors import sql_state
from chatserver.storage.postgres.deadlines import QUERY_SECONDS, deadlines

# A process that freezes inside a transaction holds the locks of a room; PostgreSQL ends it after this long. Behind
# PgBouncer in transaction mode it stays with that server connection, so set idle_transaction_timeout there.
FROZEN_SECONDS = 30
# Requests that wait for a lock hold a thread, so that others of them would wait for a thread next.
LOCK_SECONDS = 3
MIGRATION_LOCK_SECONDS = 2


class DatabaseWrapper(base.DatabaseWrapper):
    query_seconds = QUERY_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute_wrappers.append(self._execute_in_time)

    def _execute_in_time(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        query = deadlines.begin(self.query_seconds, self.connection)
        try:
            return execute(sql, params, many, context)
        except Error as error:
            if sql_state(error) == errorcodes.READ_ONLY_SQL_TRANSACTION:
                self.close_at = 0.0  # the next request connects anew, and may find a server that takes writes
            raise
        finally:
            deadlines.end(query)

    def _commit(self) -> None:
        query = deadlines.begin(self.query_seconds, self.connection)
        try:
            super()._commit()  # type: ignore[misc]  # django-stubs lacks it
        finally:
            deadlines.end(query)

    def _rollback(self) -> None:
        query = deadlines.begin(self.query_seconds, self.connection)
        try:
            super()._rollback()  # type: ignore[misc]  # the same
        finally:
            deadlines.end(query)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if settings.EMBEDDED_ENGINES:
            ensure_running(settings.DATA_DIR)
        return super().get_new_connection(conn_params)

    def init_connection_state(self) -> None:
        super().init_connection_state()
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SET idle_in_transaction_session_timeout = '{FROZEN_SECONDS}s'; SET lock_timeout = '{LOCK_SECONDS}s'"
            )
        self.connection.commit()

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        # An idle connection has nothing to read. If there is something, the server ended it: take a new connection.
        return not poll.poll(0)


def bound_migration_locks(using: str, **_: Any) -> None:
    """Let this connection wait for locks for less time than requests do. Receives pre_migrate; `migrate` tries again.

    Requests that need a table wait behind a migration that waits to lock it.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{MIGRATION_LOCK_SECONDS}s'")

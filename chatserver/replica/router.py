"""Which database a query goes to: the replica inside of on_replica(), else the primary."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

REPLICA = "replica"


class _Thread(threading.local):
    is_on_replica = False


_thread = _Thread()


@contextmanager
def on_replica() -> Iterator[None]:
    """The ORM's reads of this thread go to the replica."""
    _thread.is_on_replica = True
    try:
        yield
    finally:
        _thread.is_on_replica = False


def reading_connection() -> BaseDatabaseWrapper:
    """Where this thread reads in SQL of its own."""
    return connections[REPLICA if _thread.is_on_replica else DEFAULT_DB_ALIAS]


class Router:
    """Answers for every object, also for one that was read from the replica: Django would go on there by itself."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return REPLICA if _thread.is_on_replica else DEFAULT_DB_ALIAS

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS

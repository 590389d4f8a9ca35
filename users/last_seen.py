"""When users were last seen. Written in batches: a write for each request would cost too much."""

import threading

from django.db import connection

MAX_NOTED_USERS = 10_000

_waiting: set[int] = set()
_guard = threading.Lock()


def mark_seen(user_id: int) -> None:
    """Note that a user was seen now, in memory; flush_last_seen() writes it."""
    with _guard:
        # It is full only while the database is away. Then further users are not noted: memory must not grow.
        if len(_waiting) < MAX_NOTED_USERS:
            _waiting.add(user_id)


def flush_last_seen() -> int:
    """Write last_seen_at of the noted users. Returns how many. Locks rows in order: other processes flush, too."""
    global _waiting
    with _guard:
        user_ids, _waiting = _waiting, set()
    if user_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE users_user SET last_seen_at = now() FROM (SELECT id FROM users_user WHERE id = ANY(%s) "
                "ORDER BY id FOR NO KEY UPDATE) seen WHERE users_user.id = seen.id",
                [sorted(user_ids)],
            )
    return len(user_ids)

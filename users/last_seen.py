"""When a person was last here. Kept in batches: a write per request would cost more than the fact is worth."""

import threading

from django.db import connection

MAX_WAITING = 10_000

_waiting: set[int] = set()
_guard = threading.Lock()


def mark_seen(user_id: int) -> None:
    """Note that this person was here. Costs nothing; flush_last_seen() writes it."""
    with _guard:
        # Full means that the database is away; who was seen meanwhile is seen again or not worth a memory leak.
        if len(_waiting) < MAX_WAITING:
            _waiting.add(user_id)


def flush_last_seen() -> int:
    """Write the noted people's last_seen_at. Returns how many. Rows are locked in order: others flush too."""
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

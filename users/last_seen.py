"""When users and their credentials were last seen. Written in batches: a write for each request would cost too much."""

import threading

from django.db import connection

MAX_NOTED = 10_000

# Others see it. So of invisible people it stays as it was.
SEEN_USERS = (
    "UPDATE users_user SET last_seen_at = now() FROM (SELECT id FROM users_user WHERE id = ANY(%s) "
    "AND NOT is_invisible ORDER BY id FOR NO KEY UPDATE) seen WHERE users_user.id = seen.id"
)
# One write in 5 minutes is enough to know an old token by.
USED_CREDENTIALS = (
    "UPDATE {0} SET last_used_at = now() FROM (SELECT id FROM {0} WHERE {1} = ANY(%s) "
    "AND (last_used_at IS NULL OR last_used_at < now() - interval '5 minutes') "
    "ORDER BY id FOR NO KEY UPDATE) used WHERE {0}.id = used.id"
)

_waiting: set[int] = set()
_used: set[str] = set()
_guard = threading.Lock()


def mark_seen(user_id: int, credential: str | None = None) -> None:
    """Note that a user was seen now, with this credential, in memory; flush_last_seen() writes it."""
    with _guard:
        # They are full only while the database is away. Then further ones are not noted: memory must not grow.
        if len(_waiting) < MAX_NOTED:
            _waiting.add(user_id)
        if credential is not None and len(_used) < MAX_NOTED:
            _used.add(credential)


def flush_last_seen() -> int:
    """Write when the noted ones were seen. Returns how many users. Locks rows in order: other processes flush, too."""
    global _waiting, _used
    with _guard:
        user_ids, _waiting = _waiting, set()
        used, _used = _used, set()
    tokens = [int(name.removeprefix("token:")) for name in used if name.startswith("token:")]
    keys_used = [int(name.removeprefix("key:")) for name in used if name.startswith("key:")]
    sessions = [name for name in used if name.startswith("session:")]
    with connection.cursor() as cursor:
        for statement, keys in (
            (SEEN_USERS, list(user_ids)),
            (USED_CREDENTIALS.format("users_token", "id"), tokens),
            (USED_CREDENTIALS.format("users_servicekey", "id"), keys_used),
            (USED_CREDENTIALS.format("users_usersession", "credential"), sessions),
        ):
            if keys:
                cursor.execute(statement, [keys])
    return len(user_ids)

"""Takes what is nobody's to read any more out of the outbox and the log: a message's text, a deleted person's name.

And their external id, which is what the host product calls them.

Invariants:
- The outbox is rewritten first. That waits for rows that are just being sequenced, which are found in the log then.
- Rows are found by indexes (migrations 0011, 0013, 0015), locked in the order of their ids, and rewritten so many at a
  time. What is left of a person's is a row of events_redaction, written in the same transaction. The process that wrote
  it begins at once; all look for such rows now and then, so a crash ends nothing.
- An action that writes a person's name or external id into a body holds a lock of that person (users/locking.py). So
  when redact_person() is called under a lock that conflicts with it, no such row comes later.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from django.db import connection, transaction

from chatserver.events.log import encode
from chatserver.events.models import Redaction
from chatserver.events.rows import Row

MAX_REDACTED_ROWS = 1_000
# A body shows a person as a flat object that begins so. Quotes in texts are escaped, so no text looks like it.
SHOWN = r'\{{"id" ?: ?{}, ?"username" ?:'
SHOWN_ID = re.compile(SHOWN.format(r"(\d+)"))
PERSON = SHOWN + r'(?:[^{{}}"]|"(?:[^"\\]|\\.)*")*\}}'
# Its body has the external ids of people, whom its user_ids name, too. No other body is searched for such objects: its
# sender may have put them there.
NAMES_RECIPIENTS = "notification.due"
RECIPIENT = r'(\{{"user_id":{},"external_id":)"(?:[^"\\]|\\.)*"'
UNNAMED = r"\1null"

# Rows that may show the person. Each of these five has an index, the first three together with the position.
BY_SENDER = "actor_id = %(user)s AND kind = 0 AND type = 'message.created'"
WITH_PEOPLE = "kind = 0 AND type <> 'message.created' AND strpos(body, '\"username\"') > 0"
BY_FIRST = rf"""(substring(body FROM '{SHOWN_ID.pattern}'))::bigint = %(user)s AND {WITH_PEOPLE}"""
BY_SECOND = rf"""(substring(body FROM '\}}, ?{SHOWN_ID.pattern}'))::bigint = %(user)s AND {WITH_PEOPLE}"""
OF_PEOPLE = "user_ids @> ARRAY[%(user)s]::bigint[]"
IN_THREADS = f"{OF_PEOPLE} AND thread IS NOT NULL"
AS_RECIPIENT = f"{OF_PEOPLE} AND type = '{NAMES_RECIPIENTS}'"
FOUND = " UNION ".join(
    f"(SELECT position FROM events_event WHERE {shows} AND position > %(after)s ORDER BY position LIMIT %(limit)s)"  # noqa: S608 - constants
    for shows in (BY_SENDER, BY_FIRST, BY_SECOND)
)
# The fence keeps PostgreSQL from reading the log by position for these two.
FOUND += "".join(
    f""" UNION (SELECT position FROM (
    SELECT position FROM events_event WHERE {shows} AND position > %(after)s OFFSET 0
) told ORDER BY position LIMIT %(limit)s)"""  # noqa: S608 - constants
    for shows in (IN_THREADS, AS_RECIPIENT)
)
REWRITTEN = f"""
    body = CASE type WHEN '{NAMES_RECIPIENTS}' THEN regexp_replace(body, %(recipient)s, %(unnamed)s)
        ELSE regexp_replace(body, %(person)s, %(shown)s, 'g') END,
    thread = regexp_replace(thread, %(person)s, %(shown)s, 'g')
"""
# The position of the last row, where there may be more behind it.
REDACT_LOG = f"""
WITH found AS MATERIALIZED ({FOUND} ORDER BY position LIMIT %(limit)s), locked AS MATERIALIZED (
    SELECT e.position FROM events_event e WHERE e.position IN (SELECT position FROM found)
    ORDER BY e.position FOR NO KEY UPDATE
), rewritten AS (
    UPDATE events_event e SET {REWRITTEN}
    FROM locked WHERE e.position = locked.position
        AND (strpos(e.body, %(shown)s) = 0 OR strpos(e.thread, %(shown)s) = 0)
)
SELECT max(position) FROM found HAVING count(*) = %(limit)s
"""  # noqa: S608 - constants
REDACT_OUTBOX = f"""
WITH waiting AS MATERIALIZED (
    SELECT id FROM events_outbox WHERE id IN (SELECT unnest(ids) FROM events_waiting(2147483647))
    AND kind = 0 AND (body ~ %(shows)s OR thread ~ %(shows)s OR {AS_RECIPIENT}) ORDER BY id FOR NO KEY UPDATE
)
UPDATE events_outbox o SET {REWRITTEN}
FROM waiting WHERE o.id = waiting.id
"""  # noqa: S608 - constants


# In the order in which rows of a person are locked, too.
REDACT_MESSAGE = [
    f"""
WITH found AS MATERIALIZED (SELECT {key} FROM {table} WHERE message_id = %s ORDER BY {key} FOR NO KEY UPDATE)
UPDATE {table} t SET body = %s FROM found WHERE t.{key} = found.{key}
"""  # noqa: S608 - constants
    for table, key in (("events_outbox", "id"), ("events_event", "position"))
]


def redact(message_id: int, data: Any) -> None:
    """Replace the body of every event that shows a message, so that its removed text can't be read there."""
    with connection.cursor() as cursor:
        for statement in REDACT_MESSAGE:
            cursor.execute(statement, [message_id, encode(data)])


def redact_person(user_id: int, data: Any) -> None:
    """Replace a deleted person by `data`, which is what is shown of them now, in every event that shows them.

    Where they were to be told of a message, their external id becomes null. What is more than MAX_REDACTED_ROWS of the
    log is rewritten after the commit.
    """
    shown = encode(data)
    with connection.cursor() as cursor:
        cursor.execute(REDACT_OUTBOX, _about(user_id, shown))
    last = _redact_log(user_id, shown, 0)
    if last is not None:
        Redaction.objects.create(user_id=user_id, shown=shown, position=last)
        # robust: the change is committed then; whatever fails here is the poll's to catch up, not the caller's error.
        transaction.on_commit(lambda: wake(), robust=True)


@transaction.atomic
def redact_next() -> bool:
    """Rewrite more rows of a person of whom some are left. False where nothing is left to do here."""
    left = Redaction.objects.select_for_update(skip_locked=True).first()
    if left is None:
        return False
    last = _redact_log(left.user_id, left.shown, left.position)
    if last is None:
        left.delete()
    else:
        left.position = last
        left.save(update_fields=["position"])
    return True


def redact_all() -> None:
    """Rewrite until nothing is left to do."""
    while redact_next():
        pass


# What redact_person() calls where it leaves something: a server process has a task for it.
wake: Callable[[], None] = redact_all


def _redact_log(user_id: int, shown: str, after: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(REDACT_LOG, _about(user_id, shown) | {"after": after, "limit": MAX_REDACTED_ROWS})
        found = cursor.fetchone()
        return None if found is None else int(found[0])


def _about(user_id: int, shown: str) -> dict[str, Any]:
    return {
        "user": user_id,
        "shows": SHOWN.format(user_id),
        "person": PERSON.format(user_id),
        "shown": shown.replace("\\", r"\\"),
        "recipient": RECIPIENT.format(user_id),
        "unnamed": UNNAMED,
    }


# Events with a newer state of a message, which stands for the older ones.
CHANGES = frozenset({"message.updated", "message.deleted"})


class Redactions:
    """What rows of the log say that earlier rows must not show any more: in memory, as above in the tables."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._messages: dict[int, str] = {}
        self._people: dict[int, str] = {}
        for row in rows:
            if row.type in CHANGES and row.message_id is not None:
                self._messages[row.message_id] = row.body
            elif row.type == "user.updated":
                person = msgspec.json.decode(row.body)
                if person["is_deleted"]:
                    self._people[person["id"]] = row.body

    def __bool__(self) -> bool:
        return bool(self._messages or self._people)

    def redacted(self, row: Row) -> Row:
        """The row as it may be shown."""
        body = row.body if row.message_id is None else self._messages.get(row.message_id, row.body)
        body = self._with_recipients(row) if row.type == NAMES_RECIPIENTS else self._with_people(body)
        thread = row.thread and self._with_people(row.thread)
        return row if (body, thread) == (row.body, row.thread) else row._replace(body=body, thread=thread)

    def _with_recipients(self, row: Row) -> str:
        body = row.body
        for user_id in self._people.keys() & set(row.user_ids or ()):
            body = re.sub(RECIPIENT.format(user_id), UNNAMED, body)
        return body

    def _with_people(self, text: str) -> str:
        if self._people:
            for user_id in set(map(int, SHOWN_ID.findall(text))) & self._people.keys():
                shown = self._people[user_id]
                text = re.sub(PERSON.format(user_id), lambda _, shown=shown: shown, text)  # type: ignore[misc]  # mypy infers no default
        return text

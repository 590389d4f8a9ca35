"""Rows of the outbox and of the log learn which message they show, where they were written before they had a column
for that. The service may run meanwhile, so nothing is locked for long, and no row may be missed: its text would stay in
the log when the message is removed.
"""

import time

from django.db import migrations

from chatserver.storage.sql_functions import function_files

WRITERS = {"events_emit", "events_sequence", "chats_send_all"}
BATCH = 10_000
WAIT_SECONDS = 60
# They have written something, or run an old text and are about to.
OLDER_WRITERS = f"""
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND xact_start < %s AND (backend_xid IS NOT NULL OR query ~ '{"|".join(WRITERS)}')
"""
SHOWN = "type IN ('message.created', 'message.deleted') AND message_id IS NULL"
ID = r"""substring(body FROM '^\{"id":(\d+)')::bigint"""
FILL_OUTBOX = f"UPDATE events_outbox SET message_id = {ID} WHERE {SHOWN}"
FILL_LOG = f"""
WITH batch AS (SELECT position FROM events_event WHERE position > %s ORDER BY position LIMIT {BATCH}),
filled AS (UPDATE events_event SET message_id = {ID} WHERE position IN (SELECT position FROM batch) AND {SHOWN})
SELECT max(position) FROM batch
"""


def let_new_rows_have_it(apps, schema_editor):
    """Install what writes rows, and wait for the end of the transactions that began before."""
    files = function_files()
    with schema_editor.connection.cursor() as cursor:
        for name in files.keys() & WRITERS:
            cursor.execute(files[name])
        cursor.execute("SELECT clock_timestamp()")
        (installed_at,) = cursor.fetchone()
        limit = time.monotonic() + WAIT_SECONDS
        while count_writers_before(cursor, installed_at):
            if time.monotonic() > limit:
                raise TimeoutError("A transaction that writes stays open in this database. End it, and migrate again.")
            time.sleep(0.05)


def count_writers_before(cursor, moment):
    cursor.execute(OLDER_WRITERS, [moment])
    return cursor.fetchone()[0]


def fill(apps, schema_editor):
    """The outbox first: what is sequenced meanwhile is found in the log then."""
    position = 0
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FILL_OUTBOX)
        while position is not None:
            cursor.execute(FILL_LOG, [position])
            (position,) = cursor.fetchone()


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chats", "0005_drop_send"), ("events", "0008_message_index")]
    operations = [
        migrations.RunPython(let_new_rows_have_it, migrations.RunPython.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

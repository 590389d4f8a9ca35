"""A process that works the durable reader "test" until it is killed. Its argument is JSON: what the reader is like.

What the handler does with a row is said by the row's body. Then it notes the row in the table `handled`.
- "poison": raise, unless the table `cured` has a row;
- "wait": wait until the table `gate` has a row;
- "die": lose the connection to PostgreSQL.
"""

import json
import os
import sys
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")
django.setup()

from django.db import connection  # noqa: E402 - it needs the settings

from chatserver.events import reader_cursor  # noqa: E402 - it needs the settings
from chatserver.events.reader import Reader  # noqa: E402 - it needs the settings
from chatserver.events.reader_thread import ReaderThreads  # noqa: E402 - it needs the settings
from chatserver.events.rows import Row  # noqa: E402 - it needs the settings
from chatserver.events.sequencer import Sequencer  # noqa: E402 - it needs the settings
from chatserver.tests.harness.waiting import wait_for  # noqa: E402 - it needs the settings

NOTE = "INSERT INTO handled (position, word, pid) VALUES (%s, %s, %s)"


def handle(rows: list[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", [f"handling {os.getpid()}"])
        for row in rows:
            if row.topic == "test:1":
                word = json.loads(row.body)
                act_on(cursor, word)
                cursor.execute(NOTE, [row.position, word, os.getpid()])


def act_on(cursor, word):
    match word:
        case "poison" if not has_row(cursor, "cured"):
            raise ValueError("what the message said")
        case "wait":
            wait_for(lambda: has_row(cursor, "gate"), 60)
        case "die":
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def has_row(cursor, table):
    cursor.execute(f"SELECT 1 FROM {table}")
    return bool(cursor.fetchall())


options = json.loads(sys.argv[1])
reader_cursor.MAX_ATTEMPTS = options.pop("max_attempts", reader_cursor.MAX_ATTEMPTS)
threads = ReaderThreads([Reader("test", handle, **options)])
threads.start()
Sequencer(lambda rows: threads.wake_up()).start()
wait_for(lambda: reader_cursor.look("test") is not None)
print("reading", flush=True)  # noqa: T201 - the test reads it
threading.Event().wait()

"""Django's `migrate`, with short waits for locks: whatever it waits for, all requests to that table wait behind it."""

import time
from collections import deque
from typing import Any

from django.core.management.commands import migrate
from django.db import OperationalError
from psycopg2 import errorcodes

from chatserver.storage.errors import sql_state
from rooms.actions import general

# Then somebody has to end the transaction that is in the way.
LOCKED_SECONDS = 600.0
UNLOCKED_SECONDS = 3.0


class Command(migrate.Command):
    def handle(self, *arguments: Any, **options: Any) -> None:
        """Try again, from the migration that did not get its locks, until none is left. Then switch General."""
        deadline = time.monotonic() + LOCKED_SECONDS
        while True:
            try:
                super().handle(*arguments, **options)
                if not (options["app_label"] or options["plan"] or options["check_unapplied"]):
                    deque(general.switch(), maxlen=0)
                return
            except OperationalError as error:
                if sql_state(error) != errorcodes.LOCK_NOT_AVAILABLE or time.monotonic() > deadline:
                    raise
            self.stderr.write("A long transaction uses a table that is to be changed; trying again.")
            time.sleep(UNLOCKED_SECONDS)

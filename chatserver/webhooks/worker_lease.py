"""This process as a worker in PostgreSQL: a row that it renews while it holds lanes.

Another process takes its lanes over when it did not renew the row for DEAD_SECONDS. By then it has stopped sending:
it sends only within SURE_SECONDS of the last renewal, by a clock that is never set.
"""

import time

from django.db import connection

from chatserver.webhooks.models import Worker

WORKER_RENEW_SECONDS = 1.0
SURE_SECONDS = 3.0
DEAD_SECONDS = 6
# seen_at further ahead than that was written before the clock was set back.
SEEN_LATELY = (
    f"seen_at BETWEEN statement_timestamp() - interval '{DEAD_SECONDS} s' "
    f"AND statement_timestamp() + interval '{DEAD_SECONDS} s'"
)
RENEW_WORKER = "UPDATE webhooks_worker SET seen_at = statement_timestamp() WHERE id = %s"
FORGET_DEAD = f"DELETE FROM webhooks_worker WHERE NOT ({SEEN_LATELY})"  # noqa: S608 - constants
# The worker is compared once more, since the lane may have a new one by the time that its row is locked.
TAKE_OVER = """
WITH orphan AS MATERIALIZED (
    SELECT id, worker_id FROM webhooks_lane l WHERE worker_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM webhooks_worker w WHERE w.id = l.worker_id)
)
UPDATE webhooks_lane l SET worker_id = NULL FROM orphan WHERE l.id = orphan.id AND l.worker_id = orphan.worker_id
"""


class WorkerLease:
    """Used by one thread, but for `is_sure`."""

    def __init__(self) -> None:
        self.worker_id: int | None = None
        self._renewed_at = 0.0

    @property
    def is_sure(self) -> bool:
        """Whether no other process can have taken the lanes over."""
        return time.monotonic() < self._renewed_at + SURE_SECONDS

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._renewed_at + WORKER_RENEW_SECONDS

    def hold(self) -> int:
        """Become a worker, if this process is not one yet. Returns its id."""
        if self.worker_id is None:
            began = time.monotonic()
            self.worker_id = Worker.objects.create().pk
            self._renewed_at = began
        return self.worker_id

    def renew(self) -> bool:
        """Stay a worker. False where another process took this one for dead: its lanes are lost then."""
        began = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(RENEW_WORKER, [self.worker_id])
            if cursor.rowcount == 0:
                self.worker_id = None
                return False
        self._renewed_at = began
        return True

    def end(self) -> None:
        """Be no worker any more. What it still holds is free."""
        if self.worker_id is not None:
            Worker.objects.filter(pk=self.worker_id).delete()
            self.worker_id = None
            free_lanes_of_the_dead()


def free_lanes_of_the_dead() -> None:
    """Let others have the lanes of workers that have not been seen for DEAD_SECONDS."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET_DEAD)
        cursor.execute(TAKE_OVER)

"""Lanes and deliveries as the workers take them, and how they write back what became of them.

Invariants:
- A lane has one worker at a time, so its deliveries are sent one after the other, the oldest first.
- What a worker writes counts only while it holds the lane. One that was thought dead, and wakes up, changes nothing.
- A body is read from the log here, right before it is sent, and stored nowhere.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from chatserver.events.log import encode
from chatserver.events.models import Kind
from chatserver.events.rows import COLUMNS, Row, event_json
from chatserver.webhooks.access import active_endpoints
from chatserver.webhooks.models import Endpoint, Lane

TEST_TYPE = "webhook.test"
# A body that was read longer ago is not sent: something in it may have been taken back (I9).
FRESH_SECONDS = 0.5
CLAIM = """
WITH chosen AS MATERIALIZED (
    SELECT due.id FROM unnest(%s::bigint[], %s::int[]) AS wanted(endpoint_id, most) CROSS JOIN LATERAL (
        SELECT l.id FROM webhooks_lane l
        WHERE l.endpoint_id = wanted.endpoint_id AND l.worker_id IS NULL AND l.due_at <= statement_timestamp()
        ORDER BY l.due_at LIMIT wanted.most FOR UPDATE SKIP LOCKED
    ) due
)
UPDATE webhooks_lane l SET worker_id = %s FROM chosen WHERE l.id = chosen.id RETURNING l.id, l.endpoint_id
"""
FIRST_WAITING = """
SELECT l.id, d.id, d.position, d.attempts, extract(epoch FROM d.created_at)::float8
FROM unnest(%s::bigint[]) AS held(id) JOIN webhooks_lane l USING (id) CROSS JOIN LATERAL (
    SELECT * FROM webhooks_delivery
    WHERE endpoint_id = l.endpoint_id AND lane = l.key AND state = 0 ORDER BY position LIMIT %s
) d ORDER BY l.id, d.position
"""
READ_EVENTS = f"SELECT {COLUMNS}, hashtextextended(body, 0) FROM events_event WHERE position = ANY(%s)"  # noqa: S608 - constants
# Those that the log still shows as they were sent; it does so until the commit. What is being rewritten is skipped.
LOCK_UNCHANGED = """
SELECT o.delivery_id FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS o(delivery_id, position, body_hash)
JOIN events_event e USING (position) WHERE hashtextextended(e.body, 0) = o.body_hash
FOR SHARE OF e SKIP LOCKED
"""
RECORD = """
UPDATE webhooks_delivery d SET state = o.state, attempts = o.attempts, status = o.status, answer = o.answer,
    error = o.error, seconds = o.seconds, attempted_at = to_timestamp(o.attempted_at),
    next_attempt_at = statement_timestamp() + make_interval(secs => o.next_in)
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::int[], %s::text[], %s::text[], %s::float8[],
    %s::float8[], %s::float8[])
    AS o(lane_id, delivery_id, state, attempts, status, answer, error, seconds, attempted_at, next_in)
JOIN webhooks_lane l ON l.id = o.lane_id AND l.worker_id = %s
WHERE d.id = o.delivery_id
"""
LOCK_HELD = """
SELECT id FROM webhooks_lane WHERE id = ANY(%s) AND worker_id = %s ORDER BY endpoint_id, key FOR UPDATE
"""
# A statement of its own after the locks: it sees the deliveries that came before them.
CLOSE_EMPTY = """
DELETE FROM webhooks_lane l WHERE id = ANY(%s) AND NOT EXISTS (
    SELECT 1 FROM webhooks_delivery d WHERE d.endpoint_id = l.endpoint_id AND d.lane = l.key AND d.state = 0
)
"""
RELEASE = """
UPDATE webhooks_lane l SET worker_id = NULL, due_at = statement_timestamp() + make_interval(secs => r.due_in)
FROM unnest(%s::bigint[], %s::float8[]) AS r(id, due_in) WHERE l.id = r.id AND l.id = ANY(%s)
"""


class Target(NamedTuple):
    """An endpoint as deliveries need it. `salts` are those of the secrets that sign."""

    id: int
    url: str
    salts: tuple[str, ...]


class Job(NamedTuple):
    """A delivery to be sent. The body is None where its event is no longer in the log. `body_hash` is the log's."""

    delivery_id: int
    position: int | None
    attempts: int
    body: bytes | None
    body_hash: int | None


@dataclass
class HeldLane:
    """A lane that this worker holds, with its first deliveries. `read_at` is when their bodies were read, monotonic."""

    id: int
    target: Target
    read_at: float
    jobs: list[Job] = field(default_factory=list)


class Outcome(NamedTuple):
    """What became of a delivery. `next_in` is in seconds: None where it is not tried again."""

    lane_id: int
    job: Job
    state: int
    attempts: int
    status: int | None
    answer: str
    error: str
    seconds: float | None
    attempted_at: float
    next_in: float | None


class Release(NamedTuple):
    """A lane that is done with for now. Its next delivery is due in so many seconds."""

    lane_id: int
    due_in: float


def due_targets() -> list[Target]:
    """The endpoints that have a lane which is due."""
    due = Lane.objects.filter(endpoint=OuterRef("pk"), worker_id=None, due_at__lte=Now())
    return [target_of(endpoint) for endpoint in active_endpoints().filter(Exists(due))]


def target_of(endpoint: Endpoint) -> Target:
    is_rotating = endpoint.previous_until is not None and endpoint.previous_until > timezone.now()
    salts = (endpoint.secret_salt, endpoint.previous_salt) if is_rotating else (endpoint.secret_salt,)
    return Target(endpoint.pk, endpoint.url, salts)


def claim(worker_id: int, wanted: Sequence[tuple[Target, int]], most_deliveries: int) -> list[HeldLane]:
    """Take lanes that are due, up to so many of each endpoint, with the deliveries that are first in them."""
    targets = {target.id: target for target, _ in wanted}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [list(targets), [most for _, most in wanted], worker_id])
        claimed = cursor.fetchall()
        if not claimed:
            return []
        # In a statement of its own: it sees what the worker before us wrote before it released the lane.
        cursor.execute(FIRST_WAITING, [[lane_id for lane_id, _ in claimed], max(1, most_deliveries // len(claimed))])
        waiting = cursor.fetchall()
        read_at = time.monotonic()
        cursor.execute(READ_EVENTS, [sorted({position for _, _, position, *_ in waiting if position is not None})])
        events = {fields[0]: (event_json(Row(*fields)).encode(), body_hash) for *fields, body_hash in cursor.fetchall()}
    lanes = {lane_id: HeldLane(lane_id, targets[endpoint_id], read_at) for lane_id, endpoint_id in claimed}
    for lane_id, delivery_id, position, attempts, created_at in waiting:
        lane = lanes[lane_id]
        is_test = position is None
        sent = (_test_body(lane.target.id, created_at), None) if is_test else events.get(position, (None, None))
        lane.jobs.append(Job(delivery_id, position, attempts, *sent))
    return list(lanes.values())


@transaction.atomic
def write_back(worker_id: int, outcomes: Sequence[Outcome], releases: Sequence[Release]) -> None:
    """Note what became of deliveries, and release lanes; only of lanes that this worker holds."""
    with connection.cursor() as cursor:
        if outcomes:
            rows = [
                (each.lane_id, each.job.delivery_id, *each[2:]) for each in _without_stale_answers(cursor, outcomes)
            ]
            cursor.execute(RECORD, [*map(list, zip(*rows, strict=True)), worker_id])
        if not releases:
            return
        cursor.execute(LOCK_HELD, [[release.lane_id for release in releases], worker_id])
        held = [lane_id for (lane_id,) in cursor.fetchall()]
        cursor.execute(CLOSE_EMPTY, [held])
        cursor.execute(RELEASE, [*map(list, zip(*releases, strict=True)), held])


def _without_stale_answers(cursor: CursorWrapper, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """An answer may quote what was sent. So it is kept only where the log still shows that."""
    quoting = [each.job for each in outcomes if each.answer and each.job.position is not None]
    if not quoting:
        return list(outcomes)
    columns = [[job.delivery_id, job.position, job.body_hash] for job in quoting]
    cursor.execute(LOCK_UNCHANGED, [*map(list, zip(*columns, strict=True))])
    unchanged = {delivery_id for (delivery_id,) in cursor.fetchall()}
    stale = {job.delivery_id for job in quoting} - unchanged
    return [each._replace(answer="") if each.job.delivery_id in stale else each for each in outcomes]


def _test_body(endpoint_id: int, created_at: float) -> bytes:
    """A test looks like an event, without a position."""
    data = encode({"endpoint_id": endpoint_id})
    return event_json(Row(0, Kind.EVENT, "", TEST_TYPE, None, None, None, created_at, data)).encode()

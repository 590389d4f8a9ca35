"""One attempt at a delivery, and what its answer means."""

import time

import structlog

from chatserver.storage.outbound.client import OutboundClient
from chatserver.storage.outbound.connection import OutboundAnswer
from chatserver.storage.outbound.errors import OutboundError, OutboundLate
from chatserver.webhooks.claims import FRESH_SECONDS, HeldLane, Job, Outcome
from chatserver.webhooks.housekeeping import NO_LONGER_IN_LOG
from chatserver.webhooks.models import State, webhook_id
from chatserver.webhooks.schedule import delay_after
from chatserver.webhooks.signatures import signed_headers

ATTEMPT_LIMIT_SECONDS = 15.0
KEPT_ANSWER_BYTES = 1024
MAX_ATTEMPT_ERROR = 300
GONE = 410

logger = structlog.get_logger(__name__)


async def attempt(client: OutboundClient, lane: HeldLane, job: Job, *, may_postpone: bool) -> Outcome | None:
    """Send it. A failure is an outcome, not an exception.

    None where connecting took so long that the body must be read anew, and the attempt may be postponed for that.
    """
    if job.body is None:
        error = NO_LONGER_IN_LOG
        return Outcome(lane.id, job, State.FAILED, job.attempts, None, "", error, None, time.time(), None)
    now, began = time.time(), time.perf_counter()
    name = webhook_id(lane.target.id, job.delivery_id, job.position)
    headers = {"Content-Type": "application/json"} | signed_headers(name, int(now), job.body, lane.target.salts)
    answer: OutboundAnswer | None = None
    error = ""
    try:
        answer = await client.exchange(
            "POST",
            lane.target.url,
            seconds=ATTEMPT_LIMIT_SECONDS,
            most_bytes=KEPT_ANSWER_BYTES,
            headers=headers,
            content=job.body,
            connect_seconds=FRESH_SECONDS,
        )
    except OutboundError as failure:
        if may_postpone and isinstance(failure, OutboundLate):
            return None
        error = f"{failure.kind}: {failure}"[:MAX_ATTEMPT_ERROR]
    except Exception as failure:  # an attempt that failed, too: one that is not counted would be made for ever
        logger.exception("webhook_attempt_broke", endpoint=lane.target.id)
        error = f"error: {type(failure).__name__}"
    seconds = time.perf_counter() - began
    attempts = job.attempts + 1
    state, next_in = _verdict(answer, attempts)
    return Outcome(
        lane.id,
        job,
        state,
        attempts,
        answer and answer.status,
        _text_of(answer),
        error,
        seconds,
        now,
        next_in,
    )


def _verdict(answer: OutboundAnswer | None, attempts: int) -> tuple[State, float | None]:
    """The state of the delivery after so many attempts, and in how many seconds it is tried again, if it is."""
    if answer is not None and 200 <= answer.status < 300:
        return State.DELIVERED, None
    if answer is not None and answer.status == GONE:
        return State.FAILED, None
    delay = delay_after(attempts, answer and answer.headers.get("retry-after"))
    return (State.FAILED, None) if delay is None else (State.WAITING, delay)


def _text_of(answer: OutboundAnswer | None) -> str:
    """The kept part of the answer's body. PostgreSQL takes no NUL."""
    return "" if answer is None else answer.body.decode(errors="replace").replace("\0", "\ufffd")

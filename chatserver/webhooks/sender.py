"""The thread that sends: an event loop with a task for each lane that this process holds.

The deliveries of a lane are sent one after the other. It ends with the first that is to be tried again, and when the
bodies are older than FRESH_SECONDS: what was taken back meanwhile must not be sent (I9).
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable

import structlog
import uvloop

from chatserver.storage.outbound.client import OutboundClient
from chatserver.webhooks.attempt import GONE, attempt
from chatserver.webhooks.claims import FRESH_SECONDS, HeldLane, Outcome, Release
from chatserver.webhooks.clients import LaneClients
from chatserver.webhooks.limits import SLOW_SECONDS, LaneLimits

# How long requests that are under way may take when the process ends.
SEND_STOP_SECONDS = 1.0
# After an error of our own.
BROKEN_LANE_SECONDS = 60.0

logger = structlog.get_logger(__name__)


class Sender(threading.Thread):
    """`report` gets each outcome and, last, the release of each lane. `may_send` says whether the lanes are ours."""

    def __init__(
        self, limits: LaneLimits, *, report: Callable[[Outcome | Release], None], may_send: Callable[[], bool]
    ) -> None:
        super().__init__(name="webhook_sender", daemon=True)
        self._limits = limits
        self._report = report
        self._may_send = may_send
        self._loop = uvloop.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._clients = LaneClients(self._loop)
        # Endpoints to which a connection took too long. It is there for the next lane; if not, the attempt has failed.
        self._postponed: set[int] = set()
        self._stopping = asyncio.Event()
        self._has_started = threading.Event()

    def start(self) -> None:
        super().start()
        self._has_started.wait()

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main())

    def send(self, lanes: Iterable[HeldLane]) -> None:
        """Send these lanes. From any thread."""
        self._loop.call_soon_threadsafe(self._start_all, list(lanes))

    def abandon(self) -> None:
        """Cancel all that is under way. From any thread."""
        self._loop.call_soon_threadsafe(self._cancel_all)

    def stop(self) -> None:
        """Finish the requests that are under way, within SEND_STOP_SECONDS, and end."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self.join(3 * SEND_STOP_SECONDS)

    async def _main(self) -> None:
        self._has_started.set()
        await self._stopping.wait()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=SEND_STOP_SECONDS)
        self._cancel_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._clients.close()

    def _start_all(self, lanes: list[HeldLane]) -> None:
        for lane in lanes:
            task = self._loop.create_task(self._send_lane(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _cancel_all(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _send_lane(self, lane: HeldLane) -> None:
        due_in = 0.0
        client = None
        try:
            client = self._clients.take(lane.target.id)
            # One at least, however long the lane waited for its turn: else a process with too much to do does nothing.
            is_fresh = True
            while lane.jobs and is_fresh and self._may_send() and not self._stopping.is_set():
                outcome = await self._send_first(client, lane)
                if outcome is None:
                    break
                self._report(outcome)
                if outcome.next_in is not None or outcome.status == GONE:
                    due_in = outcome.next_in or 0.0
                    break
                is_fresh = time.monotonic() < lane.read_at + FRESH_SECONDS
        except Exception:  # its lane must come free, whatever it was
            due_in = BROKEN_LANE_SECONDS
            logger.exception("webhook_lane_broke", endpoint=lane.target.id)
        finally:
            if client is not None:
                self._clients.give_back(lane.target.id, client)
            self._report(Release(lane.id, due_in))

    async def _send_first(self, client: OutboundClient, lane: HeldLane) -> Outcome | None:
        job, endpoint_id = lane.jobs.pop(0), lane.target.id

        def note_slow() -> None:
            lane.jobs.clear()  # they would be too old, and others need the memory
            self._limits.note_slow(endpoint_id)

        timer = self._loop.call_later(SLOW_SECONDS, note_slow)
        try:
            outcome = await attempt(client, lane, job, may_postpone=endpoint_id not in self._postponed)
        finally:
            timer.cancel()
        if outcome is None:
            self._postponed.add(endpoint_id)
            return None
        self._postponed.discard(endpoint_id)
        if outcome.seconds is not None:
            has_answered = outcome.status is not None
            self._limits.note_end(endpoint_id, seconds=outcome.seconds, has_answered=has_answered)
        return outcome

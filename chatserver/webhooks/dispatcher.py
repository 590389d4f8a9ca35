"""The thread that gives work to the sender: it claims lanes that are due, and writes back what became of them.

It works in cycles. Each writes what the sender reported since the last one, in one transaction, and then claims as many
lanes as there is capacity for. So PostgreSQL sees a few statements for hundreds of deliveries.
"""

import random
import threading
import time
from collections import deque

import structlog
from django.db import Error, connection

from chatserver.storage.outages import database_outage
from chatserver.webhooks import actions, housekeeping
from chatserver.webhooks.access import active_endpoints
from chatserver.webhooks.attempt import GONE
from chatserver.webhooks.claims import FRESH_SECONDS, HeldLane, Outcome, Release, claim, due_targets, write_back
from chatserver.webhooks.limits import LaneLimits
from chatserver.webhooks.metrics import ATTEMPT_SECONDS, ATTEMPTS
from chatserver.webhooks.models import State
from chatserver.webhooks.sender import SEND_STOP_SECONDS, Sender
from chatserver.webhooks.worker_lease import WORKER_RENEW_SECONDS, WorkerLease, free_lanes_of_the_dead

DISPATCH_POLL_SECONDS = 0.5
# Between two cycles; what is reported meanwhile shares the next one.
DISPATCH_PAUSE_SECONDS = 0.02
DISPATCH_ERROR_SECONDS = 1.0
# Of bodies in memory. It is about what was sent lately: what is not sent within FRESH_SECONDS has to be read again.
MIN_CLAIMED_DELIVERIES = 50
MAX_CLAIMED_DELIVERIES = 1_000
HOUSEKEEPING_SECONDS = 15.0
IDLE_WORKER_SECONDS = 10.0
RESULTS = {State.DELIVERED: "delivered", State.WAITING: "retried", State.FAILED: "failed"}

logger = structlog.get_logger(__name__)


class Pace:
    """How many deliveries are made in FRESH_SECONDS, about."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._count = 0
        self.deliveries = 0.0

    def add(self, count: int) -> None:
        self._count += count
        seconds = time.monotonic() - self._began
        if seconds >= FRESH_SECONDS:
            self.deliveries = self._count * FRESH_SECONDS / seconds
            self._began, self._count = time.monotonic(), 0


class Dispatcher(threading.Thread):
    """Delivers for as long as the process runs, whatever fails."""

    def __init__(self) -> None:
        super().__init__(name="webhook_dispatcher", daemon=True)
        self.has_endpoints = True
        self._lease = WorkerLease()
        self._limits = LaneLimits()
        self._reports: deque[Outcome | Release] = deque()
        self._sender = Sender(self._limits, report=self._take_report, may_send=lambda: self._lease.is_sure)
        self._held: dict[int, HeldLane] = {}
        self._wake = threading.Event()
        self._is_stopping = False
        # Others took our lanes over. Nothing is claimed until the sender has dropped them all.
        self._has_lost_lanes = False
        self._freed_at = self._cleaned_at = self._busy_at = 0.0
        self._pace = Pace()

    def start(self) -> None:
        self._sender.start()
        super().start()

    def wake_up(self) -> None:
        """There are new deliveries. From any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Let what is under way end, within some seconds, and release the rest."""
        self._is_stopping = True
        self._wake.set()
        self.join(5 * SEND_STOP_SECONDS)

    def run(self) -> None:
        while not self._is_stopping:
            try:
                self.work()
                self._wake.wait(DISPATCH_POLL_SECONDS)
                self._wake.clear()
                time.sleep(DISPATCH_PAUSE_SECONDS)
            except Error as error:
                database_outage.note(error, by="webhooks")
                self._wait_after_error()
            except Exception:
                logger.exception("webhook_dispatcher_broke")
                self._wait_after_error()
        try:
            self._end()
        except Error as error:  # another process frees our lanes some seconds later
            database_outage.note(error, by="webhooks")
        finally:
            connection.close()

    def work(self) -> None:
        """One cycle."""
        self._keep_lease()
        self._write_back()
        self._claim()
        self.has_endpoints = bool(self._held) or active_endpoints().exists()
        if time.monotonic() >= self._cleaned_at + HOUSEKEEPING_SECONDS:
            self._cleaned_at = time.monotonic()
            self._limits.forget_idle()
            housekeeping.clean_up()

    def _take_report(self, report: Outcome | Release) -> None:
        self._reports.append(report)
        if isinstance(report, Release):
            self._wake.set()

    def _keep_lease(self) -> None:
        now = time.monotonic()
        if now >= self._freed_at + WORKER_RENEW_SECONDS:
            self._freed_at = now
            free_lanes_of_the_dead()
        if self._held:
            self._busy_at = now
        if self._lease.worker_id is None or not self._lease.is_due:
            return
        if not self._held and now >= self._busy_at + IDLE_WORKER_SECONDS:
            self._lease.end()
        elif not self._lease.renew():
            logger.warning("webhook_lanes_lost", lanes=len(self._held))
            self._has_lost_lanes = True
            self._sender.abandon()

    def _write_back(self) -> None:
        reports = [self._reports.popleft() for _ in range(len(self._reports))]
        outcomes = [report for report in reports if isinstance(report, Outcome)]
        releases = [report for report in reports if isinstance(report, Release)]
        worker_id = self._lease.worker_id
        if reports and worker_id is not None and not self._has_lost_lanes:
            try:
                write_back(worker_id, outcomes, releases)
            except Error:
                self._reports.extendleft(reversed(reports))
                raise
        self._count(outcomes)
        self._pace.add(len(outcomes))
        for endpoint_id in {self._held[each.lane_id].target.id for each in outcomes if each.status == GONE}:
            actions.disable_endpoint(endpoint_id, actions.GONE_REASON)
        for release in releases:
            self._limits.give_back(self._held.pop(release.lane_id).target.id)
        if not self._held:
            self._has_lost_lanes = False

    def _count(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            ATTEMPTS.labels(RESULTS[State(outcome.state)]).inc()
            if outcome.seconds is not None:
                ATTEMPT_SECONDS.observe(outcome.seconds)

    def _claim(self) -> None:
        most = min(MAX_CLAIMED_DELIVERIES, MIN_CLAIMED_DELIVERIES + 2 * int(self._pace.deliveries))
        most_deliveries = most - sum(len(lane.jobs) for lane in self._held.values())
        if self._has_lost_lanes or self._is_stopping or most_deliveries <= 0:
            return
        targets = {target.id: target for target in due_targets()}
        # Where there is not enough for all, not always the same ones have it.
        shares = self._limits.share(random.sample(list(targets), len(targets)))
        if not shares:
            return
        wanted = [(targets[endpoint_id], most) for endpoint_id, most in shares.items()]
        lanes = claim(self._lease.hold(), wanted, most_deliveries)
        for lane in lanes:
            self._held[lane.id] = lane
            self._limits.take(lane.target.id)
        self._sender.send(lanes)

    def _wait_after_error(self) -> None:
        connection.close()
        time.sleep(DISPATCH_ERROR_SECONDS)

    def _end(self) -> None:
        """Let the requests that are under way end, note how, and leave the rest to others."""
        self._sender.stop()
        self._write_back()
        self._lease.end()

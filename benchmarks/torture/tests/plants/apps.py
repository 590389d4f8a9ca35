"""Faults that the checker has to find. Each replaces a function of the server when the process starts."""

import time

from django.apps import AppConfig
from django.db import transaction


class Plant(AppConfig):
    name = "benchmarks.torture.tests.plants"
    label = "plants"


class SkippedEvent(Plant):
    """The hub swallows one row in forty."""

    def ready(self) -> None:
        from chats.stream.hub import Hub

        deliver = Hub._deliver

        def swallow(hub, row):
            if row.position % 40:
                deliver(hub, row)
            else:
                hub.position = row.position

        Hub._deliver = swallow


class EarlyPublication(Plant):
    """The sequencer tells of its batch before it is committed."""

    def ready(self) -> None:
        from chats.stream.hub import Hub
        from chatserver.events import sequencer

        sequence = sequencer.sequence

        def publish_first(limit=sequencer.SEQUENCE_BATCH, *, is_full_scan=False):
            if sequencer._running is None:
                return sequence(limit, is_full_scan=is_full_scan)
            with transaction.atomic():
                rows = sequence(limit, is_full_scan=is_full_scan)
                if rows:
                    sequencer._running._publish(rows)
                    time.sleep(0.2)
            return None if rows is None else []

        sequencer.sequence = publish_first
        # A hub that looks into the log meanwhile would miss what it delivered. That is another fault than this one.
        Hub._start_over = lambda hub, position: None


class SilentLoss(Plant):
    """Nobody is told that a promotion lost something: streams go on behind it, and who comes back is resumed."""

    def ready(self) -> None:
        from chats.stream.hub import Hub
        from chats.stream.recent_events import RecentEvents
        from chatserver.events import log

        def go_on(hub, position):
            hub.position = position
            hub.recent = RecentEvents()
            hub._inbox.clear()

        Hub._start_over = go_on
        log._reset_reason = lambda last, head, trimmed, *, is_there: None

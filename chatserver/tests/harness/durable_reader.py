"""A durable reader of events with numbers, and what it did with them."""

from collections.abc import Callable
from typing import Any

import msgspec
from prometheus_client import REGISTRY

from chatserver.events import log
from chatserver.events.models import Event, ReaderCursor
from chatserver.events.reader import Reader
from chatserver.events.rows import Row
from chatserver.events.sequencer import sequence
from chatserver.events.topics import user_topic

READER = "test"


def write(*numbers: int) -> None:
    for number in numbers:
        log.emit("test:1", "test.happened", {"number": number})
    while sequence():
        pass


def number_of(row: Row) -> int:
    return msgspec.json.decode(row.body)["number"]


class RecordingHandler:
    """Records the numbers of the rows that it gets, and emits an event for each. Raises at the number `poison`."""

    def __init__(self, poison: int | None = None) -> None:
        self.poison = poison
        self.calls: list[list[int]] = []

    def __call__(self, rows: list[Row]) -> None:
        rows = [row for row in rows if row.topic == "test:1"]
        self.calls.append([number_of(row) for row in rows])
        for row in rows:
            if number_of(row) == self.poison:
                raise ValueError(row.body)
            log.emit(user_topic(1), "test.happened", {"number": number_of(row)})


def a_reader(handle: Callable[[list[Row]], int | None], **options: Any) -> Reader:
    """A reader whose cursor is at the log's end."""
    made = Reader(READER, handle, **options)
    assert not made.has_work()
    return made


def drain(reader: Reader) -> None:
    while reader.has_work() and reader.work():
        pass


def written() -> list[int]:
    """The numbers for which a handler's writes are there."""
    while sequence():
        pass
    bodies = (
        Event.objects.filter(topic=user_topic(1), type="test.happened")
        .order_by("position")
        .values_list("body", flat=True)
    )
    return [msgspec.json.decode(body)["number"] for body in bodies]


def make_due() -> None:
    """Let the backoff be over."""
    ReaderCursor.objects.filter(name=READER).update(retry_at=None)


def metric(name: str) -> float:
    return REGISTRY.get_sample_value(name, {"reader": READER}) or 0.0

"""I4: under load, with readers that disconnect at random, each hears exactly the log of its rooms."""

import random
import threading
from collections.abc import Callable
from functools import partial

from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.sse import Event, Stream
from chatserver.tests.harness.waiting import wait_for

READERS = 20
WRITERS = 5
MESSAGES = 60
MARKER = "the end"
SEED = 20261122


class Reader(threading.Thread):
    """Listens, hangs up after a random number of events, comes back with the last id it saw, until the marker."""

    def __init__(self, person: Client, dice: random.Random) -> None:
        super().__init__(daemon=True)
        self.person = person
        self.heard: list[Event] = []
        self.connections = 0
        self._dice = dice
        self._stream = person.listen()
        self.start_position = self._stream.named("hello")[0].position

    def run(self) -> None:
        while not self._is_done():
            self.connections += 1
            patience = self._dice.randint(1, 25)
            stream = self._stream
            wait_for(partial(_has_heard, stream, patience), 60, "events")
            stream.close()
            stream.wait_closed()
            self.heard += [event for event in stream.events if event.position and event.name not in {"hello"}]
            if not self._is_done():
                self._stream = self.person.listen(stream.last_event_id)

    def _is_done(self) -> bool:
        return any(_is_marker(event) for event in self.heard)


def _has_heard(stream: Stream, patience: int) -> bool:
    events = list(stream.events)
    return stream.is_closed or len(events) >= patience or any(_is_marker(event) for event in events)


def _is_marker(event: Event) -> bool:
    return event.name == "message.created" and event.data["data"]["message"] == MARKER


def write(person: Client, rooms: list[int], dice: random.Random) -> None:
    for number in range(MESSAGES):
        person.send_text(f"{person.name} {number}", dice.choice(rooms))


def test_each_reader_hears_exactly_the_log_of_its_rooms(service: Service) -> None:
    dice = random.Random(SEED)
    people = service.people(READERS + WRITERS)
    readers, writers = people[:READERS], people[READERS:]
    rooms = [writers[0].make_room(*writers[1:], *dice.sample(readers, 8)) for _ in range(4)]
    listening = [Reader(person, random.Random(dice.random())) for person in readers]
    writing = [
        threading.Thread(target=write, args=(person, [0, *rooms], random.Random(dice.random()))) for person in writers
    ]
    for thread in [*listening, *writing]:
        thread.start()
    for thread in writing:
        thread.join()
    writers[0].send_text(MARKER)
    for thread in listening:
        thread.join(60)
        assert not thread.is_alive()
    for reader in listening:
        assert [event.position for event in reader.heard] == entitled(service.sql, reader), reader.person.name
        assert [int(event.id or 0) for event in reader.heard] == [event.position for event in reader.heard]
    assert sum(reader.connections for reader in listening) > 3 * READERS


def entitled(sql: Callable[..., list[tuple[int]]], reader: Reader) -> list[int]:
    """What the log says this reader had to hear, from their first hello to the last thing they heard."""
    rows = sql(
        "SELECT position FROM events_event WHERE kind = 0 AND position > %s AND position <= %s AND (topic = %s OR "
        "topic IN (SELECT 'room:' || room_id FROM rooms_membership WHERE user_id = %s)) ORDER BY position",
        *(reader.start_position, reader.heard[-1].position, f"user:{reader.person.id}", reader.person.id),
    )
    return [position for (position,) in rows]

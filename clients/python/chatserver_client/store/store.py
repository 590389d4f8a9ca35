"""A snapshot that events keep up to date. Made empty; `follow()` and `load_…()` of a client fill it.

Events may be older than an answer or newer, so each change is idempotent, and what was applied while an answer was on
its way is applied once more behind it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chatserver_client.events import Event
from chatserver_client.store import message_events, people_events, room_events
from chatserver_client.store.state import State

CHANGES: dict[str, Callable[[State, Event], None]] = {
    **message_events.CHANGES,
    **room_events.CHANGES,
    **people_events.CHANGES,
}


class Store(State):
    """What a person sees. Use it from one thread or one event loop."""

    def __init__(self) -> None:
        super().__init__()
        # What was applied while answers are on their way, one list for each of these.
        self._recordings: list[list[Event]] = []

    def apply(self, event: Event) -> None:
        """Something happened. Types that it does not know change nothing."""
        for events in self._recordings:
            events.append(event)
        if event.position is not None:
            self.position = event.position
        change = CHANGES.get(event.type)
        if change is not None:
            change(self, event)

    @contextmanager
    def fetching(self) -> Iterator[None]:
        """Within this an answer is asked for and put into the store."""
        events: list[Event] = []
        self._recordings.append(events)
        try:
            yield
        finally:
            # By identity: two of these may be equal.
            self._recordings = [each for each in self._recordings if each is not events]
            for event in events:
                self.apply(event)

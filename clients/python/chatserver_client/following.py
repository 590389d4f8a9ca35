"""How a stream is followed: what to send, what to do with what comes, when to come back. It does no input or output."""

import json
import random
from collections.abc import Iterable
from typing import Any

from chatserver_client.errors import ChatError, StreamEnded
from chatserver_client.events import Event, Frame, event_of

# The server sends a heartbeat each 15 s: after this long without a byte the connection is dead.
SILENCE_SECONDS = 40.0
# The first pause after an error is drawn from up to a second, then from up to twice as long.
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
# A `bye` with one of these asks for a new credential; with one of the others, to stay away or to come back.
NEEDS_CREDENTIAL = frozenset({"expired", "logged_out", "password_changed"})
NEEDS_TO_STOP = frozenset({"banned", "deleted", "too_many_streams"})


def feed_params(types: str | None, everybody: bool) -> dict[str, str]:
    """The query of a stream, or of a page of events."""
    chosen = {} if types is None else {"types": types}
    return chosen | ({"all": "true"} if everybody else {})


class Follower:
    """Where a stream stands. `position` is that of the last event that was given out, or of a later heartbeat."""

    def __init__(self, after: int | None, *, can_renew: bool) -> None:
        self.position = after
        # Set where the credential has ended; the client renews it before it comes back.
        self.needs_credential = False
        self._can_renew = can_renew
        self._failures = 0
        self._pause_seconds: float | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Of the next request."""
        last = {} if self.position is None else {"Last-Event-ID": str(self.position)}
        return {"Accept": "text/event-stream", "Cache-Control": "no-store"} | last

    def receive(self, frame: Frame) -> Event | None:
        """The event to give out for a frame, if any. StreamEnded; ValueError for what is not from a ChatServer."""
        if frame.retry is not None:
            self._pause_seconds = frame.retry / 1000
        if frame.name == "bye":
            self._end(_control_of(frame))
            return None
        position = int(frame.id) if frame.id and frame.id.isascii() and frame.id.isdigit() else None
        if frame.name == "hello":
            self._failures = 0
            self.needs_credential = False
            # Where the stream begins now; an older position than ours only repeats it.
            if self.position is None:
                self.position = position
            return None
        if position is not None:
            self.position = position
        if frame.name == "heartbeat":
            return None
        if frame.name == "reset":
            return Event("reset", _control_of(frame), position)
        return event_of(frame.data)

    def receive_all(self, frames: Iterable[Frame]) -> tuple[list[Event], StreamEnded | None]:
        """The events of frames that came together, and what comes after them. ValueError as receive()."""
        events: list[Event] = []
        for frame in frames:
            try:
                event = self.receive(frame)
            except StreamEnded as end:
                return events, end
            if event is not None:
                events.append(event)
        return events, None

    def _end(self, control: dict[str, Any]) -> None:
        reason = str(control.get("reason", ""))
        if reason in NEEDS_TO_STOP or (reason in NEEDS_CREDENTIAL and not self._can_renew):
            raise StreamEnded(reason)
        self.needs_credential = reason in NEEDS_CREDENTIAL

    def refused(self, error: ChatError) -> None:
        """The server answered with an error instead of a stream. Raises it where to repeat it would be in vain."""
        if error.status == 401 and self._can_renew and not self.needs_credential:
            self.needs_credential = True
            self._pause_seconds = 0.0
            return
        if error.status < 500 and error.status not in {408, 429}:
            raise error
        self.broke(error.retry_after)

    def broke(self, retry_after: float | None = None) -> None:
        """No answer came, or it broke off."""
        self._failures += 1
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(self._failures - 1, 10))
        # Spread, so that not all clients of a server that starts again come back at once.
        pause = random.uniform(0, longest)  # noqa: S311 - a spread
        self._pause_seconds = pause if retry_after is None else retry_after + random.uniform(0, 1)  # noqa: S311 - a spread

    def take_pause(self) -> float:
        """Seconds to wait before the stream is opened again."""
        pause, self._pause_seconds = self._pause_seconds, None
        return FIRST_PAUSE_SECONDS if pause is None else pause


def _control_of(frame: Frame) -> dict[str, Any]:
    """The data of `bye` or `reset`."""
    found = json.loads(frame.data)
    return found if isinstance(found, dict) else {}

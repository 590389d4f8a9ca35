# Written by make_sync.py from _async/; change it there.
"""What happens: the stream of events, and the log."""

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing

import httpx2

from chatserver_client._sync.base import Base
from chatserver_client.errors import ChatError
from chatserver_client.events import Event, FrameParser, event_in
from chatserver_client.following import SILENCE_SECONDS, Follower, feed_params

STREAM = "/api/v1/stream"
MAX_EVENTS = 1_000


class StreamApi(Base):
    """Events, live and of before."""

    def events(
        self,
        after: int | None = None,
        *,
        types: str | None = None,
        everybody: bool = False,
    ) -> Iterator[Event]:
        """Everything that I am entitled to hear, from now on or from behind a position, live and without end.

        With `everybody`, for a service key, all that happens to anybody; `types` has those that are wanted of it, as
        in "message.*,room.created".

        After an error it goes on behind the last event: none is lost and none comes twice. Where the server can't do
        that, an event of the type "reset" comes. StreamEnded where the server ended the stream for good; ChatError
        where it refuses it.
        """
        with closing(self._events_together(after, feed_params(types, everybody))) as together:
            for events in together:
                for event in events:
                    yield event

    def _events_together(self, after: int | None, params: Mapping[str, str]) -> Generator[list[Event]]:
        """The events of a stream, those that came at once in one list."""
        follower = Follower(after, can_renew=self._transport.can_renew)
        while True:
            if follower.needs_credential:
                self._transport.forget_token()
            try:
                stream = self._transport.stream(STREAM, follower.headers, params, SILENCE_SECONDS)
                with stream as answer:
                    parser = FrameParser()
                    for piece in answer.iter_bytes():
                        events, end = follower.receive_all(parser.feed(piece))
                        if events:
                            yield events
                        if end is not None:
                            raise end
            except ChatError as error:
                follower.refused(error)
            except httpx2.TransportError:
                follower.broke()
            time.sleep(follower.take_pause())

    def past_events(
        self,
        after: int = 0,
        *,
        types: str | None = None,
        everybody: bool = False,
    ) -> Iterator[Event]:
        """The events behind a position that are in the log now, without waiting for more; else as events()."""
        params = feed_params(types, everybody)
        while True:
            began = after
            page = self.request("GET", "events", after=after, limit=MAX_EVENTS, **params)
            after = page["next"]
            if page["reset"] is not None:
                yield Event("reset", page["reset"], after)
            for event in page["results"]:
                yield event_in(event)
            # A page is empty, too, where events of other types were passed over.
            if not page["results"] and after == began:
                return

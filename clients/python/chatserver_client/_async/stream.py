"""What happens: the stream of events, and the log."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing

import httpx2

from chatserver_client._async.base import AsyncBase
from chatserver_client.errors import ChatError
from chatserver_client.events import Event, FrameParser, event_in
from chatserver_client.following import SILENCE_SECONDS, Follower, feed_params

STREAM = "/api/v1/stream"
MAX_EVENTS = 1_000


class AsyncStreamApi(AsyncBase):
    """Events, live and of before."""

    async def events(
        self,
        after: int | None = None,
        *,
        types: str | None = None,
        everybody: bool = False,
    ) -> AsyncIterator[Event]:
        """Everything that I am entitled to hear, from now on or from behind a position, live and without end.

        With `everybody`, for a service key, all that happens to anybody; `types` has those that are wanted of it, as
        in "message.*,room.created".

        After an error it goes on behind the last event: none is lost and none comes twice. Where the server can't do
        that, an event of the type "reset" comes. StreamEnded where the server ended the stream for good; ChatError
        where it refuses it.
        """
        async with aclosing(self._events_together(after, feed_params(types, everybody))) as together:
            async for events in together:
                for event in events:
                    yield event

    async def _events_together(self, after: int | None, params: Mapping[str, str]) -> AsyncGenerator[list[Event]]:
        """The events of a stream, those that came at once in one list."""
        follower = Follower(after, can_renew=self._transport.can_renew)
        while True:
            if follower.needs_credential:
                self._transport.forget_token()
            try:
                stream = self._transport.stream(STREAM, follower.headers, params, SILENCE_SECONDS)
                async with stream as answer:
                    parser = FrameParser()
                    async for piece in answer.aiter_bytes():
                        events, end = follower.receive_all(parser.feed(piece))
                        if events:
                            yield events
                        if end is not None:
                            raise end
            except ChatError as error:
                follower.refused(error)
            except httpx2.TransportError:
                follower.broke()
            await asyncio.sleep(follower.take_pause())

    async def past_events(
        self,
        after: int = 0,
        *,
        types: str | None = None,
        everybody: bool = False,
    ) -> AsyncIterator[Event]:
        """The events behind a position that are in the log now, without waiting for more; else as events()."""
        params = feed_params(types, everybody)
        while True:
            began = after
            page = await self.request("GET", "events", after=after, limit=MAX_EVENTS, **params)
            after = page["next"]
            if page["reset"] is not None:
                yield Event("reset", page["reset"], after)
            for event in page["results"]:
                yield event_in(event)
            # A page is empty, too, where events of other types were passed over.
            if not page["results"] and after == began:
                return

"""The client: one method for each thing that people and backends do."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import httpx2

from chatserver_client._async.messages import AsyncMessagesApi
from chatserver_client._async.rooms import AsyncRoomsApi
from chatserver_client._async.server import AsyncServerApi
from chatserver_client.errors import ChatError
from chatserver_client.events import Event, FrameParser, event_in
from chatserver_client.following import SILENCE_SECONDS, Follower, feed_params
from chatserver_client.types import Block, Session, User

STREAM = "/api/v1/stream"
MAX_EVENTS = 1_000


class AsyncChatClient(AsyncRoomsApi, AsyncMessagesApi, AsyncServerApi):
    """A person's, or a backend's, view of a ChatServer.

    `url` is where it is served, below a path or not. `token` is a token, a JWT or a service key, or a function that
    returns one: it is called again when the server refuses the last one. `timeout` is in seconds.

    Methods raise ChatError where the server refuses, and httpx2.TransportError where it can't be reached. Those that
    only read, and those that may be repeated without harm, are repeated a few times before that.
    """

    # People

    async def session(self) -> Session:
        """Who I am, by which kind of credential, and until when."""
        return cast(Session, await self.request("GET", "session"))

    async def user(self, user_id: int) -> User:
        return cast(User, await self.request("GET", "users", user_id))

    async def users(self, prefix: str = "") -> AsyncIterator[User]:
        """The people that I may see, by their ids; those whose name begins so."""
        async for user in self._pages("users", q=prefix):
            yield cast(User, user)

    async def update_profile(self, **changes: str) -> User:
        """Change my `display_name`, `avatar_url` or `email`."""
        return cast(User, await self.request("PATCH", "users", "me", json=changes))

    async def block(self, user_id: int) -> Block:
        """Neither of us sends direct messages to the other then. To do it again changes nothing."""
        return cast(Block, await self.request("PUT", "blocks", user_id))

    async def unblock(self, user_id: int) -> None:
        await self.request("DELETE", "blocks", user_id)

    async def blocks(self) -> AsyncIterator[Block]:
        """Whom I block, by user id."""
        async for block in self._pages("blocks"):
            yield cast(Block, block)

    # What happens

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
        follower = Follower(after, can_renew=self._transport.can_renew)
        params = feed_params(types, everybody)
        while True:
            if follower.needs_credential:
                self._transport.forget_token()
            try:
                stream = self._transport.stream(STREAM, follower.headers, params, SILENCE_SECONDS)
                async with stream as answer:
                    parser = FrameParser()
                    async for piece in answer.aiter_bytes():
                        for frame in parser.feed(piece):
                            event = follower.receive(frame)
                            if event is not None:
                                yield event
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

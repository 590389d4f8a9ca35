"""A store is filled, and kept up to date by the stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx2

from chatserver_client._async.base import MAX_PAGE
from chatserver_client._async.messages import AsyncMessagesApi
from chatserver_client._async.rooms import AsyncRoomsApi
from chatserver_client._async.stream import AsyncStreamApi
from chatserver_client.errors import ChatError
from chatserver_client.events import Event
from chatserver_client.store import Store
from chatserver_client.store.state import Due
from chatserver_client.types import Room

# While the server is away; each request has been tried several times before.
STORE_PAUSE_SECONDS = 5.0
NOT_MINE = frozenset({403, 404})


class AsyncStoreApi(AsyncRoomsApi, AsyncMessagesApi, AsyncStreamApi):
    """What a person sees, as a Store."""

    async def follow(self, store: Store) -> AsyncIterator[Event]:
        """Fill an empty store, and keep it up to date without end; each event is given out once the store has it.

        What events do not say is fetched before that, once for all that came together. A store that has a `position`
        goes on from there. It ends as events() does.
        """
        if store.position is None:
            await self._until_answered(store, None)
        await self.load_due(store)
        async with aclosing(self._events_together(store.position, {})) as together:
            async for events in together:
                for event in events:
                    if event.type == "reset":
                        await self._until_answered(store, None)
                    store.apply(event)
                await self.load_due(store)
                for event in events:
                    yield event

    async def load_store(self, store: Store) -> None:
        """Fetch a snapshot: me, my rooms, whom I block, my invitations; and what had been loaded besides."""
        with store.fetching():
            sync = await self.sync()
            more: list[Room] = []
            if sync["next"] is not None:
                async for room in self._pages("rooms", after=sync["next"]):
                    more.append(room)
            store.put_sync(sync, more)
        while store.due:
            await self._fetch(store, min(store.due))

    async def load_due(self, store: Store) -> None:
        """Fetch what events did not say, however long the server is away. follow() does so by itself."""
        while store.due:
            await self._until_answered(store, min(store.due))

    async def load_messages(self, store: Store, room_id: int) -> None:
        """Hold the newest messages of a room, from now on all that come; or, where they are held, those before them."""
        timeline = store.timelines.get(room_id)
        before = {} if timeline is None or not timeline.messages else {"before": timeline.messages[0]["id"]}
        with store.fetching():
            page = await self.request("GET", "rooms", room_id, "messages", limit=MAX_PAGE, **before)
            if before and timeline is not None:
                timeline.put_page(page["results"], has_older=page["previous"] is not None)
            else:
                store.put_newest(room_id, page["results"], has_older=page["previous"] is not None)

    async def load_members(self, store: Store, room_id: int) -> None:
        """Hold the members of a room."""
        with store.fetching():
            store.put_members(room_id, [each async for each in self.members(room_id)])

    async def load_threads(self, store: Store) -> None:
        """Hold the threads that I follow."""
        with store.fetching():
            store.put_threads([each async for each in self.threads()])

    async def _fetch(self, store: Store, due: Due) -> None:
        """Fetch what events did not say. A room that is not mine any more is removed."""
        what, key = due
        store.due.discard(due)
        is_done = False
        try:
            if what == "messages":
                store.timelines.pop(key, None)
                await self.load_messages(store, key)
            elif what == "members":
                await self.load_members(store, key)
            elif what == "threads":
                await self.load_threads(store)
            else:
                await self._fetch_one(store, what, key)
            is_done = True
        except ChatError as error:
            is_done = error.status in NOT_MINE
            if not is_done:
                raise
            if what == "thread":
                store.following.pop(key, None)
            else:
                store.leave(key)
        finally:
            # Who ends it in the middle may follow again with the same store.
            if not is_done:
                store.due.add(due)

    async def _fetch_one(self, store: Store, what: str, key: int) -> None:
        with store.fetching():
            if what == "thread":
                store.put_root(await self.message(key))
            # It may be open, so that I see it although I am not in it.
            elif (room := await self.room(key)).get("role") is None:
                store.leave(key)
            else:
                store.put_room(room)

    async def _until_answered(self, store: Store, due: Due | None) -> None:
        """Fetch this, or a snapshot, however long the server is away. ChatError where it refuses it."""
        while True:
            try:
                if due is None:
                    return await self.load_store(store)
                return await self._fetch(store, due)
            except httpx2.TransportError:
                await asyncio.sleep(STORE_PAUSE_SECONDS)
            except ChatError as error:
                if error.status < 500 and error.status != 429:
                    raise
                await asyncio.sleep(error.retry_after or STORE_PAUSE_SECONDS)

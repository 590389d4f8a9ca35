"""Readers that keep the store of the Python client: in the end it has to be what a fresh one is."""

import asyncio
import contextlib
from typing import Any

import httpx2
from chatserver_client import AsyncChatClient, ChatError
from chatserver_client.store import Store

from benchmarks.torture.context import Context
from benchmarks.torture.package_readers import PackageReader
from benchmarks.torture.transcripts import Transcript
from benchmarks.torture.users import User

CATCH_UP_SECONDS = 60.0
# Of each room, the newest: a fresh store has one page.
COMPARED_MESSAGES = 100


class StoreReader(PackageReader):
    """Its client fetches rooms, and reads nothing meanwhile."""

    reads_always = False

    def __init__(self, context: Context, name: str, user: User, absence_seconds: float) -> None:
        super().__init__(context, name, user, absence_seconds)
        self._store = Store()

    async def follow(self, client: AsyncChatClient) -> None:
        if self.last is None:
            self._store = Store()
        async for event in client.follow(self._store):
            self._check(event)
            await self._open_rooms(client)

    async def _open_rooms(self, client: AsyncChatClient) -> None:
        for room_id in set(self._store.rooms) - set(self._store.timelines):
            # It may have ended meanwhile, which an event tells.
            with contextlib.suppress(ChatError, httpx2.TransportError):
                await client.load_messages(self._store, room_id)

    def ask(self, sent: str | None) -> tuple[int, Transcript]:
        """It goes on from where its snapshot stands."""
        self._resume_at = None if sent is None else int(sent)
        return super().ask(sent)

    async def compare(self, target: int) -> None:
        """When nothing happens any more: catch up to this position, and compare with a fresh store."""
        fresh, self._given = Store(), None
        url = f"http://127.0.0.1:{self._context.ports[0]}"
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS), AsyncChatClient(url, self._token) as client:
                await self._catch_up(client, target)
                await client.load_store(fresh)
                await self._open_rooms(client)
                for room_id in fresh.rooms:
                    await client.load_messages(fresh, room_id)
        except (TimeoutError, ChatError, httpx2.TransportError) as error:
            self.oracle.violations.add("I8", f"{self.name}: its store can't be compared: {error!r}")
            return
        self.counts["stores compared"] += 1
        for what in _differences(_state(self._store), _state(fresh)):
            self.oracle.violations.add("I8", f"{self.name}: {what}")

    async def _catch_up(self, client: AsyncChatClient, target: int) -> None:
        if self._store.position is None:
            await client.load_store(self._store)
        events = client.follow(self._store)
        while (self._store.position or 0) < target:
            await anext(events)
        await client.load_due(self._store)


def _state(store: Store) -> dict[str, Any]:
    rooms = {key: room for key, room in store.rooms.items() if room["archived_at"] is None}
    messages = {
        f"messages of {key}": store.timelines[key].messages[-COMPARED_MESSAGES:]
        for key in rooms
        if key in store.timelines
    }
    return {
        **{f"room {key}": room for key, room in rooms.items()},
        **messages,
        "blocks": store.blocks,
        "invitations": store.invitations,
    }


def _differences(kept: dict[str, Any], fresh: dict[str, Any]) -> list[str]:
    return [
        f"of {name} its store has {kept.get(name)}, and a fresh one {fresh.get(name)}"
        for name in sorted({*kept, *fresh})
        if kept.get(name) != fresh.get(name)
    ]

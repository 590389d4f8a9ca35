"""Readers that keep the store of the Python client: in the end it has to be what a fresh one is."""

import asyncio
import contextlib
from typing import Any

import httpx2
from chatserver_client import AsyncChatClient, ChatError
from chatserver_client.store import Store
from chatserver_client.types import Member

from benchmarks.torture.context import Context
from benchmarks.torture.package_readers import PackageReader
from benchmarks.torture.transcripts import Transcript
from benchmarks.torture.users import User

CATCH_UP_SECONDS = 60.0
# Of each room, the newest: a fresh store has one page.
COMPARED_MESSAGES = 100


class StoreReader(PackageReader):
    """Its client fetches rooms, and reads nothing meanwhile.

    An answer may have told of commits that a promotion lost, and numbers only rise in a store. No event tells that, so
    it begins anew then.
    """

    reads_always = False

    def __init__(self, context: Context, name: str, user: User, absence_seconds: float) -> None:
        super().__init__(context, name, user, absence_seconds)
        self._store = Store()
        # What there had been when the store was begun.
        self._promotions = 0

    async def follow(self, client: AsyncChatClient) -> None:
        if self.last is None or self._is_outdated:
            self._begin()
        async for event in client.follow(self._store):
            self._check(event)
            self.counts["events applied by stores"] += 1
            if self._is_outdated:
                return
            await _open_rooms(client, self._store)

    @property
    def _is_outdated(self) -> bool:
        return self._promotions < len(self.oracle.history.ends)

    def _begin(self) -> None:
        self._store, self._promotions = Store(), len(self.oracle.history.ends)

    def ask(self, sent: str | None) -> tuple[int, Transcript]:
        """It goes on from where its snapshot stands."""
        self._resume_at = None if sent is None else int(sent)
        return super().ask(sent)

    async def compare(self, target: int) -> None:
        """When nothing happens any more: catch up to this position, and compare with a fresh store."""
        if self._is_outdated:
            self._begin()
        fresh, self._given = Store(), None
        url = f"http://127.0.0.1:{self._context.ports[0]}"
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS), AsyncChatClient(url, self._token) as client:
                await self._catch_up(client, target)
                await client.load_store(fresh)
                for store in (self._store, fresh):
                    await _open_rooms(client, store)
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


async def _open_rooms(client: AsyncChatClient, store: Store) -> None:
    for held, load in ((store.timelines, client.load_messages), (store.members, client.load_members)):
        for room_id in set(store.rooms) - set(held):
            # It may have ended meanwhile, which an event tells.
            with contextlib.suppress(ChatError, httpx2.TransportError):
                await load(store, room_id)


def _state(store: Store) -> dict[str, Any]:
    rooms = {key: room for key, room in store.rooms.items() if room["archived_at"] is None}
    messages = {
        f"messages of {key}": store.timelines[key].messages[-COMPARED_MESSAGES:]
        for key in rooms
        if key in store.timelines
    }
    members = {
        f"members of {key}": {
            user_id: _told(member, rooms[key]["kind"]) for user_id, member in store.members[key].items()
        }
        for key in rooms
        if key in store.members
    }
    return {
        **{f"room {key}": room for key, room in rooms.items()},
        **messages,
        **members,
        "blocks": store.blocks,
        "invitations": store.invitations,
    }


def _told(member: Member, kind: str) -> dict[str, Any]:
    """How far others have read in a group, nobody is told."""
    return {name: value for name, value in member.items() if name != "read_seq" or kind == "direct"}


def _differences(kept: dict[str, Any], fresh: dict[str, Any]) -> list[str]:
    return [
        f"of {name} its store has {kept.get(name)}, and a fresh one {fresh.get(name)}"
        for name in sorted({*kept, *fresh})
        if kept.get(name) != fresh.get(name)
    ]

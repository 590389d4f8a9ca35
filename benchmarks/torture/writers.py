"""Writers: clients of the REST API that post, and change all the time who is where."""

import asyncio
import contextlib
import time
from collections.abc import Callable

from benchmarks.processes.server import GENERAL
from benchmarks.torture.api_client import ApiClient
from benchmarks.torture.context import Context
from benchmarks.torture.rooms import Room, Rooms
from benchmarks.torture.users import User, is_deleted, log_in_again

# A message is tried again until somebody answers, as a client with a client_message_id may.
TRIES = 60
LONGEST_WAIT_SECONDS = 1.0
LONG_TEXT = "x" * 3_900
FLOOD_MESSAGES = 60
# Of a direct message, before the answer tells it.
UNKNOWN_ROOM = -1
# How often each is done, in thousandths or so.
WEIGHTS = {
    "send": 780,
    "flood": 7,
    "add": 60,
    "remove": 60,
    "join": 40,
    "leave": 40,
    "mark": 60,
    "swap": 25,
    "delete": 5,
    "create": 20,
    "log_out": 15,
    "log_out_everywhere": 5,
}

# Tells the open stream of this user and credential that its right has ended.
Revoked = Callable[[int, str], None]


class Writer:
    """One user who posts; and adds, removes and logs out readers, as themselves or for them."""

    def __init__(
        self,
        context: Context,
        name: str,
        user: User,
        service: User,
        rooms: Rooms,
        pause_seconds: float,
        revoked: Revoked,
    ) -> None:
        self.user = user
        self._api = ApiClient(context, name)
        # For what is done while a message is on its way.
        self._second_api = ApiClient(context, f"{name}, at the same time")
        self._context = context
        self._deleted_at = context.oracle.deleted_at
        self._rng = self._api.rng
        self._service = service
        self._rooms = rooms
        self._pause_seconds = pause_seconds
        self._revoked = revoked
        self._number = 0

    async def run(self, is_stopping: asyncio.Event) -> None:
        """Until it is told to stop; what it has begun it ends."""
        while not is_stopping.is_set():
            await asyncio.sleep(self._rng.expovariate(1 / self._pause_seconds))
            operation = self._rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            await getattr(self, operation)()

    def close(self) -> None:
        self._api.close()
        self._second_api.close()

    # Messages

    async def send(self) -> None:
        chance = self._rng.random()
        text = LONG_TEXT if self._rng.random() < 0.03 else "hello"
        if chance < 0.15:
            await self.send_to({"room_id": GENERAL}, text)
        elif chance < 0.25:
            await self.send_to({"user_id": self._rng.choice(list(self._rooms.readers))}, text)
        else:
            room = self._rooms.written_by(self.user, self._rng)
            await self.send_to({"room_id": room.room_id if room else GENERAL}, text)

    async def flood(self) -> None:
        """So much that a client that was away, or does not read, falls behind what a server keeps for it."""
        for _ in range(FLOOD_MESSAGES):
            await self.send_to({"room_id": GENERAL}, LONG_TEXT)

    async def send_to(self, target: dict[str, int], text: str, sender: User | None = None) -> bool:
        """Post a message, as often as it takes until the answer comes. Whether it was acknowledged."""
        token = (sender or self.user).token
        self._number += 1
        client_message_id = f"{self.user.name}-{self._number}"
        body = {**target, "message": text, "client_message_id": client_message_id}
        above = self._api.acknowledgements.highest_seq(target.get("room_id", UNKNOWN_ROOM))
        for attempt in range(TRIES):
            answer = await self._api.request("POST", "/api/v1/chats/", token, body)
            if answer is not None and answer.is_success:
                self._api.counts["messages sent again to be sure"] += attempt > 0
                shown = answer.json()
                self._api.acknowledgements.add_message(client_message_id, shown["room_id"], shown["seq"], above)
                return True
            if answer is not None and answer.is_refusal:
                self._api.counts["messages refused"] += 1
                return False
            await asyncio.sleep(self._rng.uniform(0.05, LONGEST_WAIT_SECONDS))
        self._api.acknowledgements.messages_unknown += 1
        return False

    # Rooms

    async def create(self) -> None:
        if self._rooms.are_many:
            await self.archive()
        else:
            await self.create_room(self._rng.choice(["open", "closed"]), [self.user])

    async def create_room(self, kind: str, writers: list[User]) -> bool:
        self._number += 1
        name = f"{self.user.name}-room-{self._number}"
        members = self._rng.sample(sorted(self._rooms.readers), min(8, len(self._rooms.readers)))
        user_ids = [*members, *(writer.user_id for writer in writers if writer is not self.user)]
        body = {"name": name, "kind": kind, "members": user_ids}
        operation = ("room.created", name)
        answer = await self._api.carry_out(self.user.token, operation, "POST", "/api/v1/rooms/", body)
        if answer is None:
            return False
        self._rooms.all.append(Room(answer.json()["id"], kind, self.user, writers, set(members)))
        return True

    async def archive(self) -> None:
        room = self._rooms.owned_by(self.user, self._rng)
        if room is not None and len(room.writers) == 1:
            self._rooms.all.remove(room)
            await self._api.request("DELETE", f"/api/v1/rooms/{room.room_id}/", self.user.token)

    async def add(self) -> None:
        room = self._rooms.owned_by(self.user, self._rng)
        await self._add_member(room, self._rooms.reader(room, self._rng, is_member=False), self.user)

    async def join(self) -> None:
        room = self._rooms.open_one(self._rng)
        user = self._rooms.reader(room, self._rng, is_member=False)
        await self._add_member(room, user, user)

    async def _add_member(self, room: Room | None, user: User | None, actor: User | None) -> None:
        if room and user and actor:
            path, body = f"/api/v1/rooms/{room.room_id}/members/", {"user_id": user.user_id}
            operation = ("member.added", room.room_id, user.user_id)
            if await self._api.carry_out(actor.token, operation, "POST", path, body):
                room.members.add(user.user_id)

    async def remove(self) -> None:
        room = self._rooms.owned_by(self.user, self._rng)
        await self._remove_member(room, self._rooms.reader(room, self._rng, is_member=True), self.user)

    async def leave(self) -> None:
        room = self._rooms.written_by(self.user, self._rng)
        user = self._rooms.reader(room, self._rng, is_member=True)
        await self._remove_member(room, user, user)

    async def _remove_member(self, room: Room | None, user: User | None, actor: User | None) -> None:
        if room and user and actor:
            room.members.discard(user.user_id)
            path, operation = f"/api/v1/rooms/{room.room_id}/members/{user.user_id}/", "member.removed"
            await self._api.carry_out(actor.token, (operation, room.room_id, user.user_id), "DELETE", path)

    async def swap(self) -> None:
        """Remove a reader, and add them again: who is away meanwhile may miss what was said before."""
        room = self._rooms.owned_by(self.user, self._rng)
        user = self._rooms.reader(room, self._rng, is_member=True)
        await self._remove_member(room, user, self.user)
        await self._add_member(room, user, self.user)

    async def mark(self) -> None:
        """Move a reader's read marker, or try to move it back."""
        room = self._rooms.written_by(self.user, self._rng)
        user = self._rooms.reader(room, self._rng, is_member=True)
        if room and user and (highest := self._api.acknowledgements.highest_seq(room.room_id).seq):
            body = {"seq": self._rng.randint(1, highest)}
            answer = await self._api.request("PUT", f"/api/v1/rooms/{room.room_id}/read-marker/", user.token, body)
            self._api.counts["read markers put"] += answer is not None and answer.is_success

    # Rights

    async def delete(self) -> None:
        """Somebody is seen in all kinds of events, and deletes the account while they still write."""
        if not self._rooms.mortals:
            return
        mortal = self._rooms.mortals.pop()
        if room := self._rooms.owned_by(self.user, self._rng):
            operation = ("member.added", room.room_id, mortal.user_id)
            path, body = f"/api/v1/rooms/{room.room_id}/members/", {"user_id": mortal.user_id}
            await self._api.carry_out(self.user.token, operation, "POST", path, body)
        await self.send_to({"user_id": self._rng.choice(list(self._rooms.readers))}, "farewell", mortal)
        writing = asyncio.create_task(self.send_to({"room_id": GENERAL}, "last words", mortal))
        if await self._delete_account(mortal):
            self._api.counts["accounts deleted"] += 1
            self._deleted_at[mortal.name_shown] = time.monotonic()
        await writing

    async def _delete_account(self, user: User) -> bool:
        """As often as it takes until the answer comes. Whether it was done."""
        with contextlib.suppress(OSError):  # needs a sign-in of just now
            await log_in_again(user, user.token, self._rng.choice(self._context.ports), self._context.cluster.engines)
        for attempt in range(TRIES):
            answer = await self._second_api.request("DELETE", "/api/v1/users/", user.token)
            if answer is not None and answer.status == 204:
                return True
            # Where the first answer was lost, the second is that there is no such user. Or a promotion lost the token.
            if answer is not None and answer.status == 401 and attempt:
                return await asyncio.to_thread(is_deleted, user, self._context.cluster.engines)
            if answer is not None and answer.is_refusal:
                return False
            await asyncio.sleep(self._rng.uniform(0.05, LONGEST_WAIT_SECONDS))
        return False

    async def log_out(self) -> None:
        """End the token of a reader; the stream has to end."""
        user = self._rng.choice(list(self._rooms.readers.values()))
        await self._end_rights(user, "tokens revoked", "DELETE", "/api/v1/tokens/current/", user)

    async def log_out_everywhere(self) -> None:
        """End everything of a reader, as a service account may."""
        user = self._rng.choice(list(self._rooms.readers.values()))
        path = f"/api/v1/users/{user.user_id}/logout/"
        await self._end_rights(user, "users logged out everywhere", "POST", path, self._service)

    async def _end_rights(self, user: User, count: str, method: str, path: str, actor: User) -> None:
        # The one that the reader gets while the answer is on its way is good.
        credential = user.credential
        answer = await self._api.request(method, path, actor.token)
        if answer is not None and answer.status == 204:
            self._api.counts[count] += 1
            self._revoked(user.user_id, credential)

"""Writers: clients of the REST API that change all the time who is where, and talk meanwhile."""

import asyncio
from collections.abc import Callable

from benchmarks.torture.asking import Asking
from benchmarks.torture.context import Scene
from benchmarks.torture.rooms import GENERAL, Room, Rooms
from benchmarks.torture.users import Person

# A message is tried again until somebody answers, as a client with a client_message_id may.
TRIES = 60
LONGEST_WAIT_SECONDS = 1.0
LONG_TEXT = "x" * 3_900
FLOOD_MESSAGES = 60
# Of a direct message, before the answer tells it.
UNKNOWN_ROOM = -1

# How often each is done, in thousandths or so.
DEEDS = {
    "send": 780,
    "flood": 7,
    "add": 60,
    "remove": 60,
    "join": 40,
    "leave": 40,
    "create": 20,
    "log_out": 15,
    "log_out_everywhere": 5,
}

# Tells the open stream of this person and credential that its right has ended.
Revoked = Callable[[int, str], None]


class Writer(Asking):
    """One person who writes, in his own name and for readers who join, leave and log out."""

    def __init__(
        self,
        scene: Scene,
        name: str,
        person: Person,
        service: Person,
        rooms: Rooms,
        pause_seconds: float,
        revoked: Revoked,
    ) -> None:
        super().__init__(scene, name)
        self.person = person
        self._service = service
        self._rooms = rooms
        self._pause_seconds = pause_seconds
        self._revoked = revoked
        self._number = 0

    async def run(self, is_stopping: asyncio.Event) -> None:
        """Until it is told to stop; what it has begun it ends."""
        while not is_stopping.is_set():
            await asyncio.sleep(self._rng.expovariate(1 / self._pause_seconds))
            deed = self._rng.choices(list(DEEDS), list(DEEDS.values()))[0]
            await getattr(self, deed)()

    # Messages

    async def send(self) -> None:
        chance = self._rng.random()
        text = LONG_TEXT if self._rng.random() < 0.03 else "hello"
        if chance < 0.15:
            await self.send_to({"room_id": GENERAL}, text)
        elif chance < 0.25:
            await self.send_to({"user_id": self._rng.choice(list(self._rooms.readers))}, text)
        else:
            room = self._rooms.written_by(self.person, self._rng)
            await self.send_to({"room_id": room.room_id if room else GENERAL}, text)

    async def flood(self) -> None:
        """So much that who was away, or does not read, falls behind what a server keeps for him."""
        for _ in range(FLOOD_MESSAGES):
            await self.send_to({"room_id": GENERAL}, LONG_TEXT)

    async def send_to(self, target: dict[str, int], text: str) -> bool:
        """Say something, as often as it takes until the answer comes. Whether it was acknowledged."""
        self._number += 1
        mark = f"{self.person.name}-{self._number}"
        body = {**target, "message": text, "client_message_id": mark}
        above = self._ledger.highest_seq(target.get("room_id", UNKNOWN_ROOM))
        for attempt in range(TRIES):
            answer = await self._ask("POST", "/api/v1/chats/", self.person.token, body)
            if answer is not None and answer.is_done:
                self._counts["messages told again to be sure"] += attempt > 0
                shown = answer.body
                self._ledger.message_acknowledged(mark, shown["room_id"], shown["seq"], above)
                return True
            if answer is not None and answer.is_refused:
                self._counts["messages refused"] += 1
                return False
            await asyncio.sleep(self._rng.uniform(0.05, LONGEST_WAIT_SECONDS))
        self._ledger.message_unknown()
        return False

    # Rooms

    async def create(self) -> None:
        if self._rooms.are_many:
            await self.archive()
            return
        await self.create_room(self._rng.choice(["open", "closed"]), [self.person])

    async def create_room(self, kind: str, writers: list[Person]) -> bool:
        self._number += 1
        name = f"{self.person.name}-room-{self._number}"
        members = self._rng.sample(sorted(self._rooms.readers), min(8, len(self._rooms.readers)))
        people = [*members, *(writer.user_id for writer in writers if writer is not self.person)]
        body = {"name": name, "kind": kind, "members": people}
        answer = await self._do(self.person.token, ("room.created", name), "POST", "/api/v1/rooms/", body)
        if answer is None:
            return False
        self._rooms.all.append(Room(answer.body["id"], kind, self.person, writers, set(members)))
        return True

    async def archive(self) -> None:
        room = self._rooms.owned_by(self.person, self._rng)
        if room is not None and len(room.writers) == 1:
            self._rooms.all.remove(room)
            await self._ask("DELETE", f"/api/v1/rooms/{room.room_id}/", self.person.token)

    async def add(self) -> None:
        room = self._rooms.owned_by(self.person, self._rng)
        person = room and self._rooms.outsider(room, self._rng)
        if room and person:
            await self._enter(room, person, self.person.token)

    async def join(self) -> None:
        room = self._rooms.open_one(self._rng)
        person = room and self._rooms.outsider(room, self._rng)
        if room and person:
            await self._enter(room, person, person.token)

    async def _enter(self, room: Room, person: Person, token: str) -> None:
        path, body = f"/api/v1/rooms/{room.room_id}/members/", {"user_id": person.user_id}
        deed = ("member.added", room.room_id, person.user_id)
        if await self._do(token, deed, "POST", path, body):
            room.members.add(person.user_id)

    async def remove(self) -> None:
        room = self._rooms.owned_by(self.person, self._rng)
        person = room and self._rooms.insider(room, self._rng)
        if room and person:
            await self._leave(room, person, self.person.token)

    async def leave(self) -> None:
        room = self._rooms.written_by(self.person, self._rng)
        person = room and self._rooms.insider(room, self._rng)
        if room and person:
            await self._leave(room, person, person.token)

    async def _leave(self, room: Room, person: Person, token: str) -> None:
        deed = ("member.removed", room.room_id, person.user_id)
        room.members.discard(person.user_id)
        await self._do(token, deed, "DELETE", f"/api/v1/rooms/{room.room_id}/members/{person.user_id}/")

    # Rights

    async def log_out(self) -> None:
        """End the token of a reader; his stream has to end."""
        person = self._rng.choice(list(self._rooms.readers.values()))
        credential = person.credential
        answer = await self._ask("DELETE", "/api/v1/tokens/current/", person.token)
        if answer is not None and answer.is_done:
            self._counts["tokens revoked"] += 1
            self._revoked(person.user_id, credential)

    async def log_out_everywhere(self) -> None:
        """End everything of a reader, as a service account may."""
        person = self._rng.choice(list(self._rooms.readers.values()))
        # The one that he gets while the answer is on its way is good.
        credential = person.credential
        answer = await self._ask("POST", "/logout", self._service.token, {"username": person.name})
        if answer is not None and answer.is_done:
            self._counts["people logged out everywhere"] += 1
            self._revoked(person.user_id, credential)

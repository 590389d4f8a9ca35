"""The rooms that writers made, as far as the writers know about them."""

from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from benchmarks.torture.users import User

Found = TypeVar("Found")


@dataclass
class Room:
    """`members` are readers, by user id. An answer that was lost may have made it wrong: that only makes a refusal."""

    room_id: int
    kind: str
    owner: User
    writers: list[User]
    members: set[int] = field(default_factory=set)


class Rooms:
    """Bounded in number: where there are too many, one is archived first."""

    MOST = 40

    def __init__(self, readers: list[User], mortals: list[User]) -> None:
        # They delete their accounts, one after the other.
        self.mortals = mortals
        self.readers = {user.user_id: user for user in readers}
        self.all: list[Room] = []

    @property
    def are_many(self) -> bool:
        return len(self.all) >= self.MOST

    def written_by(self, writer: User, rng: Random) -> Room | None:
        """A room that this writer is in. The first ones are those where all writers meet."""
        return choose([room for room in self.all if writer in room.writers], rng)

    def owned_by(self, writer: User, rng: Random) -> Room | None:
        return choose([room for room in self.all if room.owner is writer], rng)

    def open_one(self, rng: Random) -> Room | None:
        return choose([room for room in self.all if room.kind == "open"], rng)

    def reader(self, room: Room | None, rng: Random, *, is_member: bool) -> User | None:
        """A reader who is in a room, or one who is not."""
        user_ids = sorted(room.members if is_member else self.readers.keys() - room.members) if room else []
        return choose([self.readers[user_id] for user_id in user_ids], rng)


def choose(found: list[Found], rng: Random) -> Found | None:
    return rng.choice(found) if found else None

"""The rooms that writers made, as far as the writers know about them."""

from dataclasses import dataclass, field
from random import Random

from benchmarks.torture.users import User

GENERAL = 0


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

    def __init__(self, readers: list[User]) -> None:
        self.readers = {user.user_id: user for user in readers}
        self.all: list[Room] = []

    @property
    def are_many(self) -> bool:
        return len(self.all) >= self.MOST

    def written_by(self, writer: User, rng: Random) -> Room | None:
        """A room that this writer is in. The first ones are those where all writers meet."""
        mine = [room for room in self.all if writer in room.writers]
        return rng.choice(mine) if mine else None

    def owned_by(self, writer: User, rng: Random) -> Room | None:
        mine = [room for room in self.all if room.owner is writer]
        return rng.choice(mine) if mine else None

    def open_one(self, rng: Random) -> Room | None:
        found = [room for room in self.all if room.kind == "open"]
        return rng.choice(found) if found else None

    def outsider(self, room: Room, rng: Random) -> User | None:
        found = sorted(self.readers.keys() - room.members)
        return self.readers[rng.choice(found)] if found else None

    def insider(self, room: Room, rng: Random) -> User | None:
        found = sorted(room.members)
        return self.readers[rng.choice(found)] if found else None

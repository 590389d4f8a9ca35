"""What a client starts with, and what is unread."""

from typing import Literal, TypedDict

from chatserver_client.types.invitations import Invitation
from chatserver_client.types.people import Person, User
from chatserver_client.types.rooms import Room


class RoomUnread(TypedDict):
    room_id: int
    unread: int
    mentions: int


class Unread(TypedDict):
    """The rooms where something is unread, and the sums; `threads` are those with unread replies."""

    rooms: list[RoomUnread]
    total: int
    mentions: int
    threads: int


class SyncPerson(Person):
    """`online` and `status` are None while the server does not know."""

    online: bool | None
    status: Literal["online", "away", "offline"] | None


class Sync(TypedDict):
    """What a client starts with. A stream goes on from `position`, a list of rooms from `next`."""

    position: int
    me: User
    invisible: bool
    is_staff: bool
    rooms: list[Room]
    next: str | None
    people: list[SyncPerson]
    blocks: list[int]
    invitations: list[Invitation]

"""How people come into rooms: by an invitation, or on request."""

from typing import Literal, NotRequired, TypedDict

from chatserver_client.types.people import Person


class InvitedRoom(TypedDict):
    kind: Literal["open", "closed"]
    name: str
    description: str
    members_count: int


class Invitation(TypedDict):
    """`user_id` is null for a link, whose `code` is shown when it is made, only."""

    id: int
    room_id: int
    room: InvitedRoom
    inviter: Person
    user_id: int | None
    created_at: str
    expires_at: str | None
    uses_left: int | None
    code: NotRequired[str | None]


class JoinRequest(TypedDict):
    """A person who asks to join a room."""

    room_id: int
    user: Person
    message: str
    requested_at: str

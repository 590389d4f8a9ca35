"""The shapes that the server answers with. New versions may have more fields."""

from typing import Any, Literal, NotRequired, TypedDict


class Person(TypedDict):
    id: int
    username: str
    display_name: str
    avatar_url: str
    is_deleted: bool


class User(Person):
    """`email` is null unless it is one's own, or one is a service."""

    email: str | None
    date_joined: str
    last_seen_at: str | None


class Session(TypedDict):
    user: User | None
    credential: str | None
    expires_at: str | None


class Message(TypedDict):
    """`message` is empty in a removed one."""

    id: int
    room_id: int
    seq: int
    sent_by: int
    received_by: int | None
    message: str
    sent_at: str
    client_message_id: str | None
    removed_at: str | None
    sender: Person


class Room(TypedDict):
    """`people` are those of a direct room, else null. The last fields are of one's membership, in lists."""

    id: int
    kind: Literal["direct", "open", "closed"]
    name: str
    description: str
    people: list[Person] | None
    created_at: str
    archived_at: str | None
    last_active_at: str
    last_seq: int
    members_count: int
    role: NotRequired[str | None]
    unread: NotRequired[int]
    last_message: NotRequired[Message | None]


class Member(TypedDict):
    room_id: int
    user: Person
    role: str
    joined_at: str
    read_seq: int


class ReadMarker(TypedDict):
    room_id: int
    seq: int
    unread: int


Json = dict[str, Any]

"""Rooms and their members, as the server shows them."""

from typing import Any, Literal, NotRequired, TypedDict

from chatserver_client.types.messages import Message
from chatserver_client.types.people import Person


class MemberSettings(TypedDict):
    """What one set for oneself in a room. It is hidden while its `main_seq` is not above `hidden_seq`."""

    room_id: int
    notify: Literal["all", "mentions", "none"]
    muted_until: str | None
    pinned: bool
    hidden: bool
    hidden_seq: int | None


class Room(TypedDict):
    """`people` are those of a direct room, else null. The last eight fields are one's own; events have none of them."""

    id: int
    kind: Literal["direct", "open", "closed"]
    name: str
    description: str
    people: list[Person] | None
    created_at: str
    archived_at: str | None
    last_active_at: str
    last_seq: int
    main_seq: NotRequired[int]
    members_count: int
    external_id: NotRequired[str | None]
    posting: Literal["everyone", "moderators"]
    history: Literal["all", "from_joining"]
    slow_mode_seconds: int
    edit_minutes: int | None
    max_length: int | None
    pinning: Literal["everyone", "moderators"]
    join_requests: bool
    metadata: dict[str, Any]
    role: NotRequired[str | None]
    visible_from_seq: NotRequired[int | None]
    read_seq: NotRequired[int | None]
    read_main_seq: NotRequired[int | None]
    unread: NotRequired[int | None]
    mentions: NotRequired[int | None]
    me: NotRequired[MemberSettings | None]
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
    read_main_seq: int
    unread: int

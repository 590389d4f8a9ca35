"""The shapes that the server answers with. New versions may have more fields."""

from typing import Any, Literal, NotRequired, TypedDict


class Person(TypedDict):
    id: int
    username: str
    display_name: str
    avatar_url: str
    is_deleted: bool


class OnlinePerson(Person):
    """A person who is online; `status` is `online` or `away`."""

    status: Literal["online", "away"]


class User(Person):
    """`email` is null unless it is one's own, or one is a service."""

    email: str | None
    date_joined: str
    last_seen_at: str | None
    external_id: str | None


class Session(TypedDict):
    user: User | None
    credential: str | None
    expires_at: str | None


class ReactionCount(TypedDict):
    emoji: str
    count: int
    mine: bool


class EarlierText(TypedDict):
    """What a message said in one of its versions, until when."""

    id: int
    version: int
    message: str
    replaced_at: str


class Reaction(TypedDict):
    id: int
    emoji: str
    user: Person
    reacted_at: str


class Thread(TypedDict):
    """The totals of a thread; `last_seq` is the thread_seq of the newest reply."""

    reply_count: int
    last_seq: int
    last_reply_at: str
    participants: list[Person]


class Mention(TypedDict):
    """A person, or the whole room, and where in the text, in code points."""

    user_id: NotRequired[int]
    room: NotRequired[bool]
    start: int
    end: int


class Message(TypedDict):
    """`message` is empty in a removed one. Of two of the same id, that with the higher `version` is the newer."""

    id: int
    room_id: int
    seq: int
    main_seq: NotRequired[int]
    place: NotRequired[int]
    thread_seq: NotRequired[int | None]
    parent_id: NotRequired[int | None]
    version: int
    sent_by: int
    received_by: int | None
    kind: NotRequired[Literal["text", "system"]]
    message: str
    attachments: NotRequired[list[dict[str, Any]]]
    sent_at: str
    edited_at: str | None
    client_message_id: str | None
    removed_at: str | None
    pinned_at: str | None
    pinned_by: int | None
    sender: Person
    mentions: NotRequired[list[Mention]]
    metadata: NotRequired[dict[str, Any]]
    reactions: NotRequired[list[ReactionCount]]
    thread: NotRequired[Thread | None]


class Block(TypedDict):
    """Whom one blocks."""

    user: Person
    blocked_at: str


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


class Following(TypedDict):
    """Whether I follow a thread, and how far I have read it."""

    root_id: int
    room_id: int
    following: bool
    read_seq: int


class FollowedThread(Following):
    unread: int
    root: Message


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


class NewPerson(TypedDict):
    """A person of your product."""

    external_id: str
    display_name: NotRequired[str]
    avatar_url: NotRequired[str]
    email: NotRequired[str]


class FieldError(TypedDict):
    field: str
    code: str
    detail: str


class BatchResult(TypedDict):
    """`status` as PUT would answer; `code` and `errors` of a refusal."""

    status: int
    user: User | None
    code: str | None
    errors: list[FieldError]


class IssuedToken(TypedDict):
    token: str
    expires_at: str | None
    user: User


class Webhook(TypedDict):
    """An endpoint. `rooms` is null for all."""

    id: int
    url: str
    types: list[str]
    rooms: list[int] | None
    enabled: bool
    ordered: bool
    disabled_at: str | None
    disabled_reason: str | None
    created_at: str


class WebhookWithSecret(Webhook):
    secret: str


class Delivery(TypedDict):
    """`status`, `answer`, `error` and `seconds` are those of the last attempt."""

    id: int
    webhook_id: str
    position: int | None
    type: str
    room_id: int | None
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    status: int | None
    answer: str
    error: str
    seconds: float | None
    created_at: str
    attempted_at: str | None
    next_attempt_at: str | None


class AuditEntry(TypedDict):
    """`person_id` is for whom the key acted."""

    id: int
    at: str
    service_id: int
    key_id: int
    person_id: int | None
    method: str
    route: str
    targets: dict[str, int]
    status: int
    request_id: str


Json = dict[str, Any]

"""Messages, as the server shows them, and what hangs on them."""

from typing import Any, Literal, NotRequired, TypedDict

from chatserver_client.types.people import Person


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


Json = dict[str, Any]

"""The threads that one follows."""

from typing import TypedDict

from chatserver_client.types.messages import Message


class Following(TypedDict):
    """Whether I follow a thread, and how far I have read it."""

    root_id: int
    room_id: int
    following: bool
    read_seq: int


class FollowedThread(Following):
    unread: int
    root: Message

"""People, as the server shows them."""

from typing import Literal, TypedDict


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


class Block(TypedDict):
    """Whom one blocks."""

    user: Person
    blocked_at: str

"""A person as shown_person() takes them."""

from typing import NamedTuple


class PersonRecord(NamedTuple):
    """What is shown of a person beside their messages, to everybody."""

    id: int
    username: str
    display_name: str
    avatar_url: str
    is_deleted: bool

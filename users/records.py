"""A person as shown_person() takes them."""

from typing import NamedTuple


class PersonRecord(NamedTuple):
    """The few facts of a person that stand beside what they wrote, and that others may know."""

    id: int
    username: str
    display_name: str
    avatar_url: str
    is_deleted: bool

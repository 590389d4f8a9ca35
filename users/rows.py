"""People as lists read them: what shown_person() needs. Models are slow to make by the hundred."""

from typing import NamedTuple


class PersonRow(NamedTuple):
    """A person beside a message or a room, in the order of the SQL functions' columns."""

    pk: int
    username: str
    display_name: str
    avatar_url: str
    is_deleted: bool

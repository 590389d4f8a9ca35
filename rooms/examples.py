"""Rooms and members, as the OpenAPI schema and the catalogue of events show them."""

from chatserver.events.catalogue import EXAMPLE_ROOM_ID
from users.examples import EXAMPLE_PERSON

EXAMPLE_ROOM = {
    "id": EXAMPLE_ROOM_ID,
    "kind": "closed",
    "name": "Launch",
    "description": "The big day",
    "people": None,
    "created_at": "2026-11-22T13:33:24Z",
    "archived_at": None,
    "last_active_at": "2026-11-22T13:33:24Z",
    "last_seq": 0,
    "main_seq": 0,
    "members_count": 3,
    "external_id": None,
    "posting": "everyone",
    "history": "all",
    "slow_mode_seconds": 0,
    "edit_minutes": None,
    "max_length": None,
    "pinning": "moderators",
    "join_requests": False,
    "metadata": {},
}
EXAMPLE_SETTINGS = {
    "room_id": EXAMPLE_ROOM_ID,
    "notify": "all",
    "muted_until": None,
    "pinned": False,
    "hidden": False,
    "hidden_seq": None,
}
EXAMPLE_FULL_ROOM = EXAMPLE_ROOM | {
    "role": "owner",
    "visible_from_seq": 0,
    "read_seq": 0,
    "read_main_seq": 0,
    "unread": 0,
    "mentions": 0,
    "me": EXAMPLE_SETTINGS,
    "last_message": None,
}
EXAMPLE_MEMBER = {
    "room_id": EXAMPLE_ROOM_ID,
    "user": EXAMPLE_PERSON,
    "role": "member",
    "joined_at": "2026-11-22T13:33:24Z",
    "read_seq": 0,
}

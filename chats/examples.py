"""Messages, as the OpenAPI schema and the catalogue of events show them."""

from typing import Any

from chatserver.events.catalogue import EXAMPLE_ROOM_ID
from rooms.examples import EXAMPLE_FULL_ROOM
from users.examples import EXAMPLE_PERSON, EXAMPLE_USER

EXAMPLE_MESSAGE: dict[str, Any] = {
    "id": 12,
    "seq": 4,
    "main_seq": 4,
    "place": 4,
    "thread_seq": None,
    "parent_id": None,
    "received_by": None,
    "room_id": EXAMPLE_ROOM_ID,
    "version": 1,
    "sent_by": 1,
    "kind": "text",
    "message": "hai",
    "attachments": [],
    "sent_at": "2026-11-22T13:33:24Z",
    "edited_at": None,
    "client_message_id": None,
    "removed_at": None,
    "pinned_at": None,
    "pinned_by": None,
    "mentions": [],
    "metadata": {},
    "sender": EXAMPLE_PERSON,
}
EXAMPLE_EDIT = {"id": 5, "version": 1, "message": "hia", "replaced_at": "2026-11-22T13:34:24Z"}
EXAMPLE_THREAD = {
    "reply_count": 2,
    "last_seq": 2,
    "last_reply_at": "2026-11-22T13:33:24Z",
    "participants": [EXAMPLE_PERSON],
}
EXAMPLE_FOLLOWED = {"root_id": 12, "room_id": EXAMPLE_ROOM_ID, "following": True, "read_seq": 1}
EXAMPLE_REACTION = {
    "id": 3,
    "emoji": "\N{THUMBS UP SIGN}",
    "user": EXAMPLE_PERSON,
    "reacted_at": "2026-11-22T13:34:24Z",
}
EXAMPLE_REACTION_CHANGE = {
    "message_id": 12,
    "room_id": EXAMPLE_ROOM_ID,
    "seq": 4,
    "user_id": 1,
    "emoji": "\N{THUMBS UP SIGN}",
    "count": 2,
}
EXAMPLE_MOVED_MARKER = {
    "room_id": EXAMPLE_ROOM_ID,
    "user_id": 1,
    "seq": 7,
    "read_main_seq": 7,
    "is_back": False,
}
EXAMPLE_NOTIFICATION = {
    "message_id": 12,
    "room_id": EXAMPLE_ROOM_ID,
    "room_external_id": "order-551",
    "seq": 4,
    "sender_id": 1,
    "recipients": [{"user_id": 2, "external_id": "customer-1042", "reason": "all"}],
}
EXAMPLE_UNREAD = {
    "rooms": [{"room_id": EXAMPLE_ROOM_ID, "unread": 2, "mentions": 0}],
    "total": 2,
    "mentions": 0,
    "threads": 0,
}
EXAMPLE_SYNC = {
    "position": 4711,
    "me": EXAMPLE_USER,
    "invisible": False,
    "is_staff": False,
    "rooms": [EXAMPLE_FULL_ROOM],
    "next": None,
    "people": [{**EXAMPLE_PERSON, "online": True, "status": "away"}],
    "blocks": [3],
    "invitations": [],
}
EXAMPLE_MESSAGE_PAGE = {
    "meta": {"count": 13, "next": 2, "current_page": "1", "took": 1, "previous": None},
    "messages": [EXAMPLE_MESSAGE],
}

"""Which requests are short and frequent, and so are run side by side: told by method, path, query and body.

One that looks so and takes long after all is answered all the same, but the others of its crew wait for it (see
chatserver/concurrency/cooperative.py).
"""

import re

from chatserver.http.asgi_types import Scope, ShortKind

MESSAGE_PATH = re.compile(r"/api/v1/chats/?")
PAGE_PATH = re.compile(r"/api/v1/rooms(/\d+/messages)?/?")
# All that is asked for a message is asked once for a whole round, so it pays to let a few gather where several workers
# share the cores; one worker alone neither gains nor loses by it.
MESSAGES_REST = 0.5
# Each page is read by itself: a rest would cost a quarter of them.
PAGES_REST = 0.0


def is_plain_message(scope: Scope, body: bytes) -> bool:
    """Whether this seems to be a message to a room from somebody with a token."""
    return (
        scope["method"] == "POST"
        and MESSAGE_PATH.fullmatch(scope["path"]) is not None
        and b'"room_id"' in body
        and _has_token(scope)
    )


def is_plain_page(scope: Scope, body: bytes) -> bool:
    """Whether somebody with a token seems to ask for a page of history or for the list of his rooms.

    Rooms that one could join are looked for among all rooms, which may take longer. That is asked for in plain letters
    or in escaped ones.
    """
    return (
        scope["method"] == "GET"
        and PAGE_PATH.fullmatch(scope["path"]) is not None
        and b"joinable" not in scope["query_string"]
        and b"%" not in scope["query_string"]
        and _has_token(scope)
    )


def _has_token(scope: Scope) -> bool:
    return any(name == b"authorization" and value[:7].lower() == b"bearer " for name, value in scope["headers"])


MESSAGES = ShortKind(is_plain_message, MESSAGES_REST)
PAGES = ShortKind(is_plain_page, PAGES_REST)
SHORT_KINDS = (MESSAGES, PAGES)

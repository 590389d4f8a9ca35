"""Requests that are short and frequent, and run side by side: what is one is told by how it looks.

One that looks so and takes long after all loses nothing. The others of its crew wait for it (see chatserver/crew.py).
"""

import re

from chatserver.asgi_types import Scope
from chatserver.threads import Kind

PAGE_PATH = re.compile(r"/api/v1/rooms(/\d+/messages)?/?")


def is_plain_message(scope: Scope, body: bytes) -> bool:
    """Whether this seems to be a message to a room from somebody with a token."""
    return (
        scope["method"] == "POST"
        and scope["path"].rstrip("/") == "/api/v1/chats"
        and b'"room_id"' in body
        and _has_token(scope)
    )


def is_plain_page(scope: Scope, body: bytes) -> bool:
    """Whether somebody with a token seems to ask for a page of history or for the list of rooms."""
    return scope["method"] == "GET" and PAGE_PATH.fullmatch(scope["path"]) is not None and _has_token(scope)


def _has_token(scope: Scope) -> bool:
    return any(name == b"authorization" and value[:7].lower() == b"bearer " for name, value in scope["headers"])


# All that is asked for a message is asked once for a whole round, so it pays to let a few gather: four workers on two
# cores take a quarter more of them for it, and one worker as many.
MESSAGES = Kind(is_plain_message, rest=0.5)
# Each page is read by itself: a rest would cost a quarter of them.
PAGES = Kind(is_plain_page, rest=0.0)

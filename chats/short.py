"""Requests that are short and frequent, and run side by side: what is one is told by how it looks.

One that looks so and takes long after all loses nothing. The others of its crew wait for it (see chatserver/crew.py).
"""

import re

from chatserver.asgi_types import Scope

PAGES = re.compile(r"/api/v1/rooms(/\d+/messages)?/?")


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
    return scope["method"] == "GET" and PAGES.fullmatch(scope["path"]) is not None and _has_token(scope)


def _has_token(scope: Scope) -> bool:
    return any(name == b"authorization" and value[:7].lower() == b"bearer " for name, value in scope["headers"])

"""The path below which ChatServer is served on a host that has other things, too: /chat for example.com/chat/."""

import re

from django.core.exceptions import ImproperlyConfigured

SEGMENTS = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
# How our own paths begin; a test compares them. Below one of these, nobody could tell whether the proxy has taken the
# base path off.
OWN_SEGMENTS = frozenset(
    (
        "admin",
        "api",
        "healthz",
        "links",
        "login",
        "logout",
        "me",
        "metrics",
        "randomname",
        "readyz",
        "room",
        "rooms",
        "socket.io",
        "static",
        "stream",
        "users",
    )
)


def read_base_path(text: str) -> str:
    """`/chat` of `/chat`, `/chat/` or `chat`; "" for the root of the host. ImproperlyConfigured."""
    path = text.strip("/")
    if not path:
        return ""
    if not SEGMENTS.fullmatch(f"/{path}"):
        raise ImproperlyConfigured(f"CHAT_BASE_PATH is {text!r}; it must be a path like /chat")
    if path.partition("/")[0] in OWN_SEGMENTS:
        raise ImproperlyConfigured(f"CHAT_BASE_PATH is {text!r}; the server has paths of its own that begin so")
    return f"/{path}"


def cookie_name(name: str, base_path: str) -> str:
    """The name of a cookie below this path: browsers send those of the paths above it, too, under their names."""
    return name + base_path.replace("/", "_")

"""Which URLs an endpoint may have. What their names resolve to is checked by the client that connects."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from chatserver.storage.outbound.addresses import is_public


def refusal_of(url: str) -> str | None:
    """Why this can't be the URL of an endpoint; None where it can."""
    if any(not "!" <= character <= "~" for character in url) or "\\" in url:
        return "A URL has printable ASCII characters only, without spaces."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "This is not a URL."
    if parts.scheme not in ({"https", "http"} if settings.CHAT_OUTBOUND_PRIVATE else {"https"}):
        return "It must begin with https://."
    if not host or port == 0:
        return "This is not a URL."
    if parts.username is not None or parts.password is not None:
        return "It must not have a user or a password."
    if "#" in url:
        return "It must not have a fragment."
    if not settings.CHAT_OUTBOUND_PRIVATE and _is_inside(host):
        return "It must be at a public address."
    return None


def _is_inside(host: str) -> bool:
    """Whether this is an address that is not public, or a name that is only used inside."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not is_public(str(ip_address(name)))
    except ValueError:
        # Notations of IPv4 that only resolvers know: 127.1, 2130706433, 0x7f000001.
        return name.rpartition(".")[2].isdigit() or name.rpartition(".")[2].startswith("0x")

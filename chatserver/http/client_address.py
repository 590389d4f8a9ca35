"""The address of a client, behind as many proxies as CHAT_NUM_PROXIES says, and whether it is this machine's own."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from chatserver.http.asgi_types import Scope, header

# Where proxies say for whom they ask, each in its own way.
ADDRESS_HEADERS = (b"x-forwarded-for", b"x-real-ip", b"cf-connecting-ip", b"true-client-ip", b"forwarded")


def address_of(request: HttpRequest) -> str:
    """The address of a Django request's client."""
    return _behind_proxies(request.META.get("HTTP_X_FORWARDED_FOR"), request.META.get("REMOTE_ADDR", ""))


def address_in(scope: Scope) -> str:
    """The address of an ASGI request's client."""
    return _behind_proxies(header(scope, b"x-forwarded-for"), scope["client"][0] if scope.get("client") else "")


def _behind_proxies(forwarded_for: str | None, peer: str) -> str:
    """Each proxy appends the address that it was called from. Entries before those of our own proxies may be forged."""
    proxies: int = settings.CHAT_NUM_PROXIES
    forwarded = [part.strip() for part in (forwarded_for or "").split(",") if part.strip()]
    return _without_port(forwarded[-min(proxies, len(forwarded))], peer) if proxies and forwarded else peer


def _without_port(entry: str, peer: str) -> str:
    """The address of `192.0.2.7:4711` or `[2001:db8::7]:4711`, with or without a port; of anything else, the peer."""
    for address in (entry, entry.rpartition(":")[0].strip("[]"), entry.strip("[]")):
        try:
            return str(ip_address(address))
        except ValueError:
            continue
    return peer


def is_loopback(address: str) -> bool:
    """Whether only this machine can have it: 127.0.0.0/8, ::1. A name is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return ((parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None) or parsed).is_loopback


def is_local(scope: Scope) -> bool:
    """Whether an ASGI request comes from this machine, also where a proxy on this machine passed it on.

    A peer without an address came by a Unix socket. Strangers can forge X-Forwarded-For, but not the entry that the
    proxy appends, so one foreign entry is enough to be foreign.
    """
    peer = scope["client"][0] if scope.get("client") else ""
    forwarded = ",".join(header(scope, name) or "" for name in ADDRESS_HEADERS).split(",")
    return all(is_loopback(address) for address in (peer, *(part.strip() for part in forwarded)) if address)


def network_of(address: str) -> str:
    """What limits count: an IPv4 address, or the /64 of an IPv6 address, of which one customer has all."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or ip_network((int(parsed), 64), strict=False))

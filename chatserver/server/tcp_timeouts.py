"""Disconnects clients that vanish without a FIN: a machine that lost power, a phone in a tunnel, a router restarted.

The kernel would retransmit for a quarter of an hour; TCP_USER_TIMEOUT makes it give up sooner. A stream sends at least
a heartbeat each 15 s, so each such client is noticed.
"""

import asyncio
import os
import socket
import stat
from collections.abc import Callable, Iterator

# How long sent data may stay unacknowledged. A client whose network comes back earlier notices nothing.
UNACKNOWLEDGED_SECONDS = 30
SOCKET_CHECK_SECONDS = 0.1
MAX_SOCKET_CHECKS = 300


async def give_up_vanished_clients() -> None:
    """Set TCP_USER_TIMEOUT on the sockets on which this process listens, as soon as it does; accepted ones inherit it.

    The server opens them after the application has started, and has no option for this. Linux only.
    """
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    for _ in range(MAX_SOCKET_CHECKS):
        found = list(_listening_sockets())
        for descriptor in found:
            _with_socket(descriptor, _set_timeout)
        if found:
            return
        await asyncio.sleep(SOCKET_CHECK_SECONDS)


def _listening_sockets() -> Iterator[int]:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - numbers, not paths
        descriptor = int(name)
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode) and _with_socket(descriptor, _is_listening):
                yield descriptor
        except OSError:  # closed meanwhile
            continue


def _with_socket(descriptor: int, call: Callable[[socket.socket], bool]) -> bool:
    """Call something with a socket that the server owns, and leave it open."""
    borrowed = socket.socket(fileno=descriptor)
    try:
        return call(borrowed)
    finally:
        borrowed.detach()


def _is_listening(candidate: socket.socket) -> bool:
    is_tcp = candidate.family in (socket.AF_INET, socket.AF_INET6) and candidate.type == socket.SOCK_STREAM
    return is_tcp and bool(candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _set_timeout(listening: socket.socket) -> bool:
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_SECONDS * 1000)
    return True

"""Disconnects clients that vanish without a FIN: a machine that lost power, a phone in a tunnel, a router restarted.

The kernel would retransmit for a quarter of an hour; TCP_USER_TIMEOUT makes it give up sooner. A stream sends at least
a heartbeat each 15 s, so each such client is noticed.
"""

import asyncio
import socket

from chatserver.server.listening_sockets import listening_sockets, with_socket

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
        found = list(listening_sockets())
        for descriptor in found:
            with_socket(descriptor, _set_timeout)
        if found:
            return
        await asyncio.sleep(SOCKET_CHECK_SECONDS)


def _set_timeout(listening: socket.socket) -> None:
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_SECONDS * 1000)

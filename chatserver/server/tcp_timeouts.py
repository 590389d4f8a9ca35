"""Clients that vanish without a word: a machine that lost its power, a phone in a tunnel, a router that forgot.

No FIN tells of it, and the kernel would send again for a quarter of an hour before it gives up. So the kernel is told
to give up sooner. A stream is never silent for longer than a heartbeat, so each such client is noticed.
"""

import asyncio
import os
import socket
import stat
from collections.abc import Callable, Iterator

# How long what was sent may stay unconfirmed. A client whose network comes back earlier notices nothing.
VANISHED_SECONDS = 30
LOOK_SECONDS = 0.1
MAX_LOOKS = 300


async def give_up_vanished_clients() -> None:
    """Limit the waits of the sockets on which this process listens, as soon as they do; what they accept inherits it.

    The server opens them after the application has started, and offers no option of its own. Linux only.
    """
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    for _ in range(MAX_LOOKS):
        found = list(_listening_sockets())
        for descriptor in found:
            _with_socket(descriptor, _limit)
        if found:
            return
        await asyncio.sleep(LOOK_SECONDS)


def _listening_sockets() -> Iterator[int]:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - numbers, not paths
        descriptor = int(name)
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode) and _with_socket(descriptor, _listens):
                yield descriptor
        except OSError:  # closed meanwhile
            continue


def _with_socket(descriptor: int, call: Callable[[socket.socket], bool]) -> bool:
    """Ask a socket that belongs to somebody else, and leave it open."""
    borrowed = socket.socket(fileno=descriptor)
    try:
        return call(borrowed)
    finally:
        borrowed.detach()


def _listens(candidate: socket.socket) -> bool:
    is_tcp = candidate.family in (socket.AF_INET, socket.AF_INET6) and candidate.type == socket.SOCK_STREAM
    return is_tcp and bool(candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _limit(listening: socket.socket) -> bool:
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, VANISHED_SECONDS * 1000)
    return True

"""The sockets on which this process listens. The server owns them, and has no options for what is done here."""

import os
import select
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

DESCRIPTORS = Path("/proc/self/fd")

Result = TypeVar("Result")


def listening_sockets() -> Iterator[int]:
    """Their descriptors. None on systems without /proc."""
    for descriptor in _descriptors():
        with suppress(OSError):  # closed meanwhile
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode) and with_socket(descriptor, _is_listening):
                yield descriptor


def with_socket(descriptor: int, call: Callable[[socket.socket], Result]) -> Result:
    """Call something with a socket that the server owns, and leave it open."""
    borrowed = socket.socket(fileno=descriptor)
    try:
        return call(borrowed)
    finally:
        borrowed.detach()


def stop_accepting() -> None:
    """Leave further connections to other processes that share the sockets. What is connected stays so. Linux only.

    The server accepts when epoll tells it of connections, so the sockets are taken out of its epoll. To close or shut
    them would lose those that wait.
    """
    listening = list(listening_sockets())
    for descriptor in _descriptors():
        with suppress(OSError):  # closed meanwhile
            if str((DESCRIPTORS / str(descriptor)).readlink()) != "anon_inode:[eventpoll]":
                continue
            with select.epoll.fromfd(os.dup(descriptor)) as poll:
                for listener in listening:
                    with suppress(FileNotFoundError):  # it is in another one
                        poll.unregister(listener)


def _descriptors() -> list[int]:
    return [int(path.name) for path in DESCRIPTORS.iterdir()] if DESCRIPTORS.exists() else []


def _is_listening(candidate: socket.socket) -> bool:
    is_tcp = candidate.family in (socket.AF_INET, socket.AF_INET6) and candidate.type == socket.SOCK_STREAM
    return is_tcp and bool(candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))

"""The address and port of a server: bound once, by `serve`, whose workers come and go."""

import errno
import socket
import sys
import time

from django.core.management.base import CommandError

# The workers of a killed server give the port back within this.
PORT_RELEASE_SECONDS = 2.0


def resolve(host: str) -> str:
    """The address of a host, which may be a name; granian takes addresses alone. CommandError where there is none."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except (socket.gaierror, UnicodeError) as error:
        raise CommandError(f"--host {host} has no address: {error}") from error


def bind_sockets(host: str, port: int, count: int) -> list[socket.socket]:
    """Sockets on one port, one for each worker: Linux shares the clients out among them, so one on other systems.

    The workers inherit theirs. A client that comes while a worker is replaced waits in the kernel, since the socket
    stays open here. CommandError where another program keeps the port.
    """
    first = _reserve(host, port)
    others = range(1, count if sys.platform == "linux" else 1)
    return [first, *(_bind_shared(host, first.getsockname()[1]) for _ in others)]


def _reserve(host: str, port: int) -> socket.socket:
    deadline = time.monotonic() + PORT_RELEASE_SECONDS
    while True:
        try:
            return _bind(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise CommandError(
                    f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port (make run PORT=…)"
                ) from error
        time.sleep(0.1)


def _bind(host: str, port: int) -> socket.socket:
    """A socket that is bound so that others of ours may share it. OSError where another program listens already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # Without SO_REUSEPORT, so that another server on this port is noticed instead of joined.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        port = probe.getsockname()[1]
    return _bind_shared(host, port)


def _bind_shared(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((host, port))
    bound.setblocking(False)
    return bound


def address_of(host: str, port: int) -> str:
    """The URL by which this machine itself reaches the server, which may listen on all addresses."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

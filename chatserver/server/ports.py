"""The address and port of a server: reserved before its workers start, and listened on by all of them."""

import contextlib
import errno
import socket
import time

import psutil
from django.core.management.base import CommandError

# All workers listen within this, if they ever do.
LISTEN_SECONDS = 30.0
# The workers of a killed server give the port back within this.
PORT_RELEASE_SECONDS = 2.0


def resolve(host: str) -> str:
    """The address of a host, which may be a name; granian takes addresses alone. CommandError where there is none."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except (socket.gaierror, UnicodeError) as error:
        raise CommandError(f"--host {host} has no address: {error}") from error


def reserve_port(host: str, port: int) -> socket.socket:
    """Hold the port for the workers, which all listen on it. CommandError where another program keeps it."""
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
    reservation = socket.socket(family)
    reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reservation.bind((host, port))
    return reservation


def wait_for_listeners(port: int, count: int) -> None:
    """Wait until so many child processes listen on the port, within a limit: one of them may fail at every start."""
    deadline = time.monotonic() + LISTEN_SECONDS
    # Where a system forbids us to look, the first one that answers has to do.
    with contextlib.suppress(psutil.AccessDenied):
        while count_listeners(port) < count and time.monotonic() < deadline:
            time.sleep(0.05)


def count_listeners(port: int) -> int:
    """How many child processes of this one listen on the port."""
    count = 0
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            count += any(
                connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
                for connection in child.net_connections("tcp")
            )
    return count


def address_of(host: str, port: int) -> str:
    """The URL by which this machine itself reaches the server, which may listen on all addresses."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

"""Clients that are gone without a word, and clients that hold on without reading: the server lets go of both (I7)."""

import ctypes
import socket
import struct
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import psutil

from chatserver.server.tcp_timeouts import UNACKNOWLEDGED_SECONDS
from chatserver.tests.harness.messages import SEND_MANY
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

VANISHED = 20
FROZEN = 5
# A heartbeat each 15 s is what the kernel waits for in vain; then its patience, and its timer's rounding.
LIMIT = 15 + UNACKNOWLEDGED_SECONDS * 1.5 + 15
SO_ATTACH_FILTER = 26
DROP_ALL = struct.pack("HBBI", 0x06, 0, 0, 0)  # BPF_RET | BPF_K 0: a filter that lets nothing pass


def open_stream(person: Client, *, receive_buffer: int | None = None) -> socket.socket:
    """A stream whose socket we have in hand; hello has arrived."""
    parts = urlsplit(person.service.url)
    connection = socket.socket()
    if receive_buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(10)
    connection.connect((parts.hostname, parts.port))
    head = f"GET /api/v1/stream HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {person.token}\r\n\r\n"
    connection.sendall(head.encode())
    received = b""
    while b"event: hello" not in received:
        received += connection.recv(4096)
    return connection


def vanish(connection: socket.socket) -> None:
    """From now on its kernel drops all that comes for it, before it could confirm or refuse it. Needs no rights."""
    program = ctypes.create_string_buffer(DROP_ALL)
    described = struct.pack("HL", 1, ctypes.addressof(program))
    connection.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, described)


def open_sockets(service: Service) -> int:
    """The clients' connections that the server has."""
    found = [connection for pid in service.worker_pids() for connection in psutil.Process(pid).net_connections("tcp")]
    return sum(connection.status != psutil.CONN_LISTEN for connection in found)


def metric(service: Service, name: str) -> float:
    lines = httpx.get(f"{service.url}/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def test_the_server_cuts_off_clients_that_vanished_or_do_not_read(start_service: Callable[..., Service]) -> None:
    """Expectation: a client that vanished while nothing happened is let go some time after the next heartbeat; one that
    does not read is cut after 1 MB, 1,000 frames or 10 s, and its socket goes, too. Who listens notices nothing."""
    service = start_service()
    people = service.people(VANISHED + FROZEN + 2)
    alice, bob, *others = people
    room = alice.make_room(bob, *others[:FROZEN])
    reader = bob.listen()
    before = open_sockets(service)
    gone = [open_stream(person) for person in others[FROZEN:]]
    for connection in gone:
        vanish(connection)
    frozen = [open_stream(person, receive_buffer=4096) for person in others[:FROZEN]]
    assert metric(service, "chat_streams ") == VANISHED + FROZEN + 1
    sent = 0
    text = "x" * 3_900
    while metric(service, "chat_streams_cut_total{") < FROZEN:
        assert sent < 20_000, "those who do not read were never cut"
        service.sql(SEND_MANY, room, alice.id, text, 500)
        sent += 500
        wait_for(lambda sent=sent: len(reader.texts()) == sent, 30, "what the other reader hears")
    wait_for(lambda: metric(service, "chat_streams ") == 1, LIMIT, "the end of the streams of those who vanished")
    # Ours to /metrics is one of them, at times.
    wait_for(lambda: open_sockets(service) <= before, LIMIT, "the end of their sockets")
    assert not reader.is_closed
    alice.send_text("still here", room)
    wait_for(lambda: reader.texts()[-1] == "still here", what="an event after that")
    for connection in [*gone, *frozen]:
        connection.close()

"""One person's polls of the old /socket.io/ leave the places for streams to others."""

import select
import socket
from collections.abc import Callable
from contextlib import ExitStack

from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for
from users.presence import MAX_STREAMS_PER_USER

SURPLUS = 5


def poll(person: Client) -> socket.socket:
    """A connection with a poll under way."""
    headers = f"Host: localhost\r\nAuthorization: Bearer {person.token}\r\nConnection: close"
    request = f"GET /socket.io/?EIO=4&transport=polling&sid=any HTTP/1.1\r\n{headers}\r\n\r\n"
    connection = socket.create_connection(("127.0.0.1", person.service.port), timeout=10)
    connection.sendall(request.encode())
    return connection


def test_the_oldest_polls_of_a_person_end_beyond_the_limit(start_service: Callable[..., Service]) -> None:
    service = start_service(CHAT_MAX_STREAMS=str(MAX_STREAMS_PER_USER + SURPLUS + 1))
    alice, bob = service.people(2)
    with ExitStack() as open_ones:
        polls = [open_ones.enter_context(poll(alice)) for _ in range(MAX_STREAMS_PER_USER + SURPLUS)]
        wait_for(lambda: len(select.select(polls, [], [], 0)[0]) == SURPLUS, 15)
        for connection in select.select(polls, [], [], 0)[0]:
            answer = connection.recv(4096).decode()
            assert (answer.split()[1], answer[-5:]) == ("200", "\r\n\r\n1"), answer
            assert "x-poller" not in answer.lower()
        for _ in range(SURPLUS):
            bob.listen()

"""Clients that do not take their answers cost a process little memory, for a limited time."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import psutil
import pytest

from chatserver.server import untaken_answers, wsgi_pool
from chatserver.server.wsgi_pool import WsgiPool
from chatserver.tests.harness.loops import run
from chatserver.tests.harness.messages import SEND_MANY
from chatserver.tests.harness.service import Service

ANSWER = b"x" * (5 * wsgi_pool.CHUNK_BYTES)
SCOPE: dict[str, Any] = {
    "type": "http", "method": "GET", "path": "/", "query_string": b"", "http_version": "1.1", "headers": [],
}  # fmt: skip
SOCKETS = 40
# What the pages take that are made at the same time, and what the allocator keeps of that; and what more readers add.
FIRST_BYTES = 400 * 1024 * 1024
FURTHER_BYTES = 200 * 1024 * 1024


class Chunks(list[bytes]):
    def close(self) -> None: ...


def long_answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Chunks:
    start_response("200 OK", [])
    return Chunks([ANSWER])


class Client:
    """Takes so many messages of an answer, and then no more."""

    def __init__(self, takes: int) -> None:
        self.taken: list[dict[str, Any]] = []
        self._takes = takes

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(self, message: dict[str, Any]) -> None:
        if len(self.taken) == self._takes:
            await asyncio.sleep(3600)
        self.taken.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.taken)


@pytest.fixture
def pool() -> WsgiPool:
    return WsgiPool(long_answer, 1, cooperative={}, max_body=lambda method, path: 0)  # type: ignore[arg-type]  # WSGI's stubs want more


def test_a_long_answer_comes_in_chunks(pool: WsgiPool) -> None:
    client = Client(takes=100)
    run(pool(SCOPE, client.receive, client.send))
    assert client.body == ANSWER
    assert [message.get("more_body", False) for message in client.taken[1:]] == [True] * 4 + [False]
    assert pool._untaken._total == 0


def test_an_answer_that_is_not_taken_in_time_is_given_up(pool: WsgiPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi_pool, "ANSWER_SECONDS", 0.05)
    client = Client(takes=3)
    run(pool(SCOPE, client.receive, client.send))
    assert len(client.body) == 2 * wsgi_pool.CHUNK_BYTES
    assert client.taken[-1]["more_body"]
    assert pool._untaken._total == 0


def test_while_much_is_not_taken_no_request_is_served(pool: WsgiPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untaken_answers, "MAX_UNTAKEN_BYTES", 2 * len(ANSWER) - 1)
    slow, other, later = Client(takes=1), Client(takes=100), Client(takes=100)

    async def ask() -> None:
        waiting = asyncio.create_task(pool(SCOPE, slow.receive, slow.send))  # type: ignore[arg-type]  # SCOPE has what is read of it
        while not pool._untaken._total:
            await asyncio.sleep(0.01)
        await pool(SCOPE, other.receive, other.send)
        waiting.cancel()
        await asyncio.wait([waiting])
        await pool(SCOPE, later.receive, later.send)

    run(ask())
    assert other.taken[0]["status"] == 503
    assert later.body == ANSWER


def test_one_address_cannot_take_what_all_others_need(pool: WsgiPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untaken_answers, "MAX_UNTAKEN_BYTES_OF_ADDRESS", 2 * len(ANSWER) - 1)
    slow, same, other = Client(takes=1), Client(takes=100), Client(takes=100)
    theirs, ours = ({**SCOPE, "client": (address, 1)} for address in ("192.0.2.1", "192.0.2.2"))

    async def ask() -> None:
        waiting = asyncio.create_task(pool(theirs, slow.receive, slow.send))  # type: ignore[arg-type]  # SCOPE has what is read of it  # a coroutine
        while not pool._untaken._total:
            await asyncio.sleep(0.01)
        await pool(theirs, same.receive, same.send)
        await pool(ours, other.receive, other.send)
        waiting.cancel()
        await asyncio.wait([waiting])

    run(ask())
    assert same.taken[0]["status"] == 503
    assert other.body == ANSWER


def test_probes_are_answered_while_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untaken_answers, "MAX_UNTAKEN_BYTES", -1)
    pool = WsgiPool(short_answer, 1, cooperative={}, max_body=lambda *_: 0, probes={"/healthz"})  # type: ignore[arg-type]  # a WSGI function
    client = Client(takes=100)
    run(pool({**SCOPE, "path": "/healthz/"}, client.receive, client.send))
    assert client.taken[0]["status"] == 200


def short_answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Chunks:
    start_response("200 OK", [])
    return Chunks([b"ok"])


def test_many_who_do_not_read_cost_little_memory(granian: Service) -> None:
    (alice,) = granian.people()
    room = alice.make_room()
    granian.sql(SEND_MANY, room, alice.id, "\U0001f600" * 4000, 80)
    lines = (
        f"GET /api/v1/rooms/{room}/messages/?limit=100 HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {alice.token}",
    )
    request = "\r\n".join((*lines, "", "")).encode()
    before = memory(granian)
    with ExitStack() as sockets:
        for growth in (FIRST_BYTES, FURTHER_BYTES):
            for _ in range(SOCKETS):
                connection = sockets.enter_context(socket.socket())
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.connect(("127.0.0.1", granian.port))
                connection.sendall(request)
                assert connection.recv(12) == b"HTTP/1.1 200"
            assert alice.get("/api/v1/users/me/").status_code == 200
            assert memory(granian) - before < growth
            before = memory(granian)


def memory(service: Service) -> int:
    return sum(psutil.Process(pid).memory_info().rss for pid in service.worker_pids())

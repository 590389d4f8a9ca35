"""The door to REST: a bounded pool, bounded bodies, bounded waiting, and headers that nobody can forge."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from chatserver.server import wsgi_pool
from chatserver.server.wsgi_pool import WsgiPool
from chatserver.tests.harness.jwts import jwt_settings, mint
from chatserver.tests.harness.loops import run
from users.credentials import jwts

MAX_BODY = 100
SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/é",
    "query_string": b"a=1",
    "http_version": "1.1",
    "client": ("192.0.2.1", 4711),
    "server": ("chat.example.com", 80),
    "headers": [],
}


class Echo:
    """A WSGI application that tells what it was given."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., None]) -> Any:
        self.gate.wait(15)
        self.seen.append(environ | {"body": environ["wsgi.input"].read()})
        start_response("200 OK", [("X-Echo", "yes")])
        return Answer([b"hel", b"lo"])


class Answer(list[bytes]):
    def close(self) -> None: ...


@pytest.fixture
def echo() -> Echo:
    return Echo()


def pool_of(application: Any, cooperative: Any = None) -> WsgiPool:
    return WsgiPool(application, 1, cooperative=cooperative or {}, max_body=lambda method, path: MAX_BODY)


def ask(echo: Echo, *messages: dict[str, Any], **scope: Any) -> tuple[int, dict[bytes, bytes], bytes]:
    return run(ask_once(pool_of(echo), messages, scope))


async def ask_once(door: WsgiPool, messages: Any, scope: dict[str, Any]) -> tuple[int, dict[bytes, bytes], bytes]:
    waiting = list(messages) or [{"type": "http.request"}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await door(SCOPE | scope, receive, send)
    if not sent:
        return 0, {}, b""
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


def part(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_request_arrives_whole_and_so_does_its_answer(echo: Echo) -> None:
    status, headers, body = ask(echo, part(b"one ", more=True), part(b"two"))
    assert (status, headers[b"x-echo"], body) == (200, b"yes", b"hello")
    (seen,) = echo.seen
    assert (seen["body"], seen["CONTENT_LENGTH"], seen["QUERY_STRING"]) == (b"one two", "7", "a=1")
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/é"
    assert seen["REMOTE_ADDR"] == "192.0.2.1"


def test_head_has_no_body(echo: Echo) -> None:
    assert ask(echo, method="HEAD")[2] == b""


def test_an_underscore_forges_no_header(echo: Echo) -> None:
    forged = [(b"x_forwarded_for", b"10.0.0.1"), (b"content_length", b"99"), (b"x-forwarded-for", b"192.0.2.9")]
    ask(echo, headers=forged)
    assert echo.seen[0]["HTTP_X_FORWARDED_FOR"] == "192.0.2.9"
    assert echo.seen[0]["CONTENT_LENGTH"] == "0"


def test_headers_that_come_twice_are_joined(echo: Echo) -> None:
    ask(echo, headers=[(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"x"), (b"accept", b"y")])
    assert (echo.seen[0]["HTTP_COOKIE"], echo.seen[0]["HTTP_ACCEPT"]) == ("a=1; b=2", "x,y")


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_body_that_is_too_large_never_reaches_the_pool(echo: Echo, is_announced: bool) -> None:
    assert ask(echo, part(b"x" * MAX_BODY))[0] == 200
    headers = [(b"content-length", b"%d" % (MAX_BODY + 1))] if is_announced else []
    parts = [] if is_announced else [part(b"x" * MAX_BODY, more=True), part(b"x")]
    status, _, body = ask(echo, *parts, headers=headers)
    assert (status, json.loads(body)["code"]) == (413, "too_large")
    assert len(echo.seen) == 1


def test_a_body_that_does_not_come_is_given_up(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi_pool, "BODY_SECONDS", 0.01)
    status, _, body = ask(echo, part(b"half", more=True))
    assert (status, json.loads(body)["code"]) == (400, "body_timeout")
    assert echo.seen == []


def test_a_client_that_disconnects_halfway_is_not_served(echo: Echo) -> None:
    status, _, body = ask(echo, part(b"half", more=True), {"type": "http.disconnect"})
    assert (status, json.loads(body)["code"]) == (400, "body_incomplete")
    assert echo.seen == []


def test_slow_senders_shut_nobody_out(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi_pool, "MAX_WAITING_REQUESTS", 2)
    door = pool_of(echo)

    async def crowd() -> None:
        slow = [asyncio.create_task(ask_once(door, [part(b"half", more=True)], {})) for _ in range(5)]
        await asyncio.sleep(0)
        assert (await ask_once(door, [], {}))[0] == 200
        for task in slow:
            task.cancel()

    run(crowd())


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (b"application/json; charset=hex", "application/json"),
        (b'multipart/form-data; charset=latin-1; boundary="a b"', 'multipart/form-data; boundary="a b"'),
        (b"text/plain; x*=nonsense''y", ""),
    ],
)
def test_a_charset_is_left_out(echo: Echo, given: bytes, taken: str) -> None:
    ask(echo, headers=[(b"content-type", given)])
    assert echo.seen[0]["CONTENT_TYPE"] == taken


def test_past_the_bound_it_says_so_and_recovers(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi_pool, "MAX_WAITING_REQUESTS", 2)
    door = pool_of(echo)
    echo.gate.clear()

    async def crowd() -> None:
        slow = [asyncio.create_task(ask_once(door, [], {})) for _ in range(2)]
        await asyncio.sleep(0)
        status, headers, body = await ask_once(door, [], {"headers": [(b"x-request-id", b"mine")]})
        assert (status, headers[b"retry-after"]) == (503, b"2")
        assert (json.loads(body)["code"], headers[b"x-request-id"]) == ("overloaded", b"mine")
        echo.gate.set()
        assert [answer[0] for answer in await asyncio.gather(*slow)] == [200, 200]
        assert (await ask_once(door, [], {}))[0] == 200

    run(crowd())


def test_cooperative_routes_share_a_thread_for_reads_and_one_for_writes_unless_who_asks_takes_long_to_know(
    settings: Any,
) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings("HS256")

    def named(environ: dict[str, Any], start_response: Callable[..., None]) -> Any:
        start_response("200 OK", [])
        return Answer([threading.current_thread().name.encode()])

    paths = {"GET": re.compile("/page/?|/list/?"), "POST": re.compile("/post/?")}
    pool = pool_of(named, paths)
    password, token = [(b"authorization", b"Basic YTpi")], mint()
    bearer = [(b"authorization", f"Bearer {token}".encode())]

    async def thread_of(method: str, path: str, headers: Any = ()) -> str:
        return (await ask_once(pool, [], {"method": method, "path": path, "headers": headers}))[2].decode()

    async def ask_all() -> None:
        assert await thread_of("GET", "/page") == await thread_of("GET", "/list/") == "rest_reads"
        assert await thread_of("POST", "/post", [(b"cookie", b"sessionid=x")]) == "rest_writes"
        for method, path in (("POST", "/page"), ("GET", "/page/1"), ("GET", "/"), ("PUT", "/post")):
            assert await thread_of(method, path) == "rest_0"
        assert await thread_of("POST", "/post", password) == "rest_0"
        assert await thread_of("POST", "/post", bearer) == "rest_0"
        # Now that it was verified it takes one query.
        jwts._verification().known.remember(token, 1, None, time.time() + 60)
        assert await thread_of("POST", "/post", bearer) == "rest_writes"

    try:
        run(ask_all())
    finally:
        pool.close()


def test_a_bug_frees_its_place(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(environ: Any, start_response: Any) -> Any:
        raise ZeroDivisionError

    door = pool_of(broken)
    with pytest.raises(ZeroDivisionError):
        run(ask_once(door, [], {}))
    assert door._waiting == 0

"""A stream is followed through whatever breaks it: nothing lost, nothing twice, and no knocking where it is in vain."""

import asyncio
from collections.abc import Callable
from itertools import islice

import pytest
from chatserver_client import AsyncChatClient, ChatClient, ChatError, Event, StreamEnded

from clients.python.tests.scripted import (
    ScriptedServer,
    answer,
    bye,
    cut_stream,
    event,
    hello,
    refusal,
    stream,
)

Script = Callable[..., ScriptedServer]


async def first_async(server: ScriptedServer, count: int, after: int | None) -> list[Event]:
    found: list[Event] = []
    async with AsyncChatClient(server.url, "ct_x") as chat:
        async for each in chat.events(after):
            found.append(each)
            if len(found) == count:
                break
    return found


def first_sync(server: ScriptedServer, count: int, after: int | None) -> list[Event]:
    with ChatClient(server.url, "ct_x") as chat:
        return list(islice(chat.events(after), count))


@pytest.fixture(params=["sync", "async"])
def first(request: pytest.FixtureRequest) -> Callable[[ScriptedServer, int, int | None], list[Event]]:
    """Reads the first events, with either client."""
    if request.param == "sync":
        return first_sync
    return lambda *arguments: asyncio.run(first_async(*arguments))


def test_it_goes_on_behind_the_last_event_after_each_kind_of_end(
    script: Script, first: Callable[..., list[Event]]
) -> None:
    server = script(
        cut_stream(hello(4), event(5), event(6)[:-1]),
        refusal(502, "bad_gateway"),
        refusal(503, "not_ready", "Retry-After: 0"),
        b"",
        stream(hello(5), event(6), "id: 9\nevent: heartbeat\ndata: {}\n\n", bye("shutdown")),
        stream(hello(9), event(10), 'event: typing.started\ndata: {"type":"typing.started","data":{}}\n\n', event(11)),
    )
    found = first(server, 5, None)
    assert [each.position for each in found] == [5, 6, 10, None, 11]
    assert server.sent("last-event-id") == [None, "5", "5", "5", "5", "9"]


def test_an_end_before_the_first_event_loses_none(script: Script, first: Callable[..., list[Event]]) -> None:
    server = script(stream(hello(4)), stream(hello(4), event(5)))
    assert first(server, 1, None)[0].position == 5
    assert server.sent("last-event-id") == [None, "4"]


def test_it_begins_behind_a_position(script: Script, first: Callable[..., list[Event]]) -> None:
    server = script(stream(hello(3), event(4)))
    assert first(server, 1, 3)[0].position == 4
    assert server.sent("last-event-id") == ["3"]


def test_a_reset_is_told(script: Script, first: Callable[..., list[Event]]) -> None:
    reset = 'id: 40\nevent: reset\ndata: {"type":"reset","reason":"trimmed","position":40}\n\n'
    server = script(stream(hello(40), reset), stream(hello(40), event(41)))
    told, later = first(server, 2, 3)
    assert (told.type, told.position, told.data["reason"]) == ("reset", 40, "trimmed")
    assert later.position == 41
    assert server.sent("last-event-id") == ["3", "40"]


@pytest.mark.parametrize("reason", ["banned", "deleted", "too_many_streams", "expired", "logged_out"])
def test_a_farewell_for_good_is_an_error(script: Script, first: Callable[..., list[Event]], reason: str) -> None:
    server = script(stream(hello(3), bye(reason)))
    with pytest.raises(StreamEnded) as caught:
        first(server, 1, None)
    assert caught.value.reason == reason
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_an_error_and_not_repeated(script: Script, first: Callable[..., list[Event]], status: int) -> None:
    server = script(refusal(status, "some_code"))
    with pytest.raises(ChatError) as caught:
        first(server, 1, None)
    assert (caught.value.status, caught.value.code, len(server.requests)) == (status, "some_code", 1)


def test_a_token_that_has_ended_is_replaced(script: Script) -> None:
    tokens = iter(["one", "two", "three"])
    server = script(
        refusal(401, "invalid_token"),
        stream(hello(3), event(4), bye("expired")),
        stream(hello(4), event(5)),
    )
    with ChatClient(server.url, lambda: next(tokens)) as chat:
        assert [each.position for each in islice(chat.events(), 2)] == [4, 5]
    assert server.sent("authorization") == ["bearer one", "bearer two", "bearer three"]


def test_a_new_token_that_is_refused_too_ends_it(script: Script) -> None:
    server = script(refusal(401, "invalid_token"))
    with ChatClient(server.url, lambda: "bad") as chat, pytest.raises(ChatError, match="401"):
        next(iter(chat.events()))
    assert len(server.requests) == 2


def test_requests_renew_the_token_once(script: Script) -> None:
    tokens = iter(["one", "two"])
    server = script(refusal(401, "invalid_token"), answer('{"id":1}'))
    with ChatClient(server.url, lambda: next(tokens)) as chat:
        assert chat.user(1)["id"] == 1
    assert server.sent("authorization") == ["bearer one", "bearer two"]


def test_a_message_is_repeated_as_the_same_message(script: Script) -> None:
    server = script(b"", refusal(503, "busy"), answer('{"id":1}'))
    with ChatClient(server.url, "ct_x") as chat:
        chat.send_message("hello", room_id=0)
    bodies = {request.partition("\r\n\r\n")[2] for request in server.requests}
    assert len(server.requests) == 3
    assert len(bodies) == 1
    assert "client_message_id" in bodies.pop()


def test_what_could_happen_twice_is_not_repeated(script: Script) -> None:
    server = script(refusal(503, "busy"))
    with ChatClient(server.url, "ct_x") as chat, pytest.raises(ChatError):
        chat.add_members(3, [4])
    assert len(server.requests) == 1


def test_what_would_be_refused_for_hours_is_not_repeated(script: Script) -> None:
    server = script(refusal(429, "slow_mode", "Retry-After: 21600"))
    with ChatClient(server.url, "t") as client, pytest.raises(ChatError, match="429") as raised:
        client.send_message("hi", room_id=3)
    assert (raised.value.retry_after, len(server.requests)) == (21_600, 1)


def test_external_ids_are_escaped(script: Script) -> None:
    server = script(answer("{}"))
    with ChatClient(server.url, "csk_x") as chat:
        chat.act_as("external:a, é%2F").request("GET", "rooms", "external", "a/../b?c#d é")
    assert server.requests[0].startswith("GET /api/v1/rooms/external/a%2F..%2Fb%3Fc%23d%20%C3%A9/ HTTP")
    assert server.sent("chat-on-behalf-of") == ["external:a%2c%20%c3%a9%252f"]


def test_the_answer_of_a_proxy_is_an_error_too(script: Script) -> None:
    body = b"<html>not ours</html>"
    server = script(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    with ChatClient(server.url, "ct_x") as chat, pytest.raises(ChatError) as caught:
        chat.session()
    assert (caught.value.status, caught.value.code) == (404, "http_error")

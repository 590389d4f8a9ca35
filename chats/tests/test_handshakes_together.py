"""Streams that open together from all over the log, some of them with nonsense: each gets just theirs (I4, I6)."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from chatserver.legacy_switch import LEGACY_STREAMS
from chatserver.tests.harness.processes import manage
from chatserver.tests.harness.service import Client, Service

ROUNDS = 2
TOGETHER = 60
SECONDS = 30.0
RESET = "reset"
REMOVE = (
    "from chats.models import Message; from chats.actions.changes import remove_message\n"
    "for message in Message.objects.filter(text__startswith='secret'): remove_message(message, actor=message.sender)"
)


class Visit(NamedTuple):
    """An opening, and the status that is right for it; None is of somebody who does not wait for it."""

    token: str
    path: str
    last: str
    status: int | None
    expected: list[Any]


def make_history(service: Service, people: list[Client], chance: random.Random) -> None:
    """Rooms that people come into and leave, with messages of which some are removed."""
    owner, *others = people
    rooms = [owner.make_room(*others) for _ in range(4)]
    away: set[tuple[int, int]] = set()
    for number in range(120):
        room, other = chance.choice(rooms), chance.choice(others)
        members = f"/api/v1/rooms/{room}/members/"
        if chance.random() < 0.8:
            kind = "secret" if chance.random() < 0.3 else "plain"
            chance.choice([owner, other] if (room, other.id) not in away else [owner]).send_text(
                f"{kind} {number}", room
            )
        elif (room, other.id) in away:
            assert owner.post(members, json={"user_ids": [other.id]}).status_code == 201
            away.discard((room, other.id))
        else:
            assert owner.delete(f"{members}{other.id}/").status_code == 204
            away.add((room, other.id))
    manage(service.env, "shell", "-c", REMOVE)
    # Everybody hears this, and nothing behind it.
    stream = owner.listen()
    owner.send_text("the end")
    stream.wait("message.created", lambda data: data["data"]["message"] == "the end")
    stream.close()


def events_of(person: Client, after: int) -> list[Any]:
    """What the log's endpoint, which takes nothing from memory, answers them."""
    answer = person.get("/api/v1/events/", params={"after": after, "limit": 500}).json()
    return [RESET, answer["reset"]["reason"]] if answer["reset"] else answer["results"]


def plan(people: list[Client], last: int, chance: random.Random) -> list[Visit]:
    found = []
    for _ in range(TOGETHER):
        person, seen = chance.choice(people), chance.randint(0, last)
        expected = events_of(person, seen)
        path = chance.choice(["/api/v1/stream", "/api/v1/stream", *LEGACY_STREAMS])
        good = Visit(person.token, path, str(seen), 200, expected)
        kinds = [
            good._replace(last=chance.choice(["-1", "x", "9" * 30, "\u00b2"]), status=400),
            good._replace(token="ct_nobody", status=401),
            good._replace(status=None),
            good._replace(last=str(2**63 - 1), expected=[RESET, "future"]),
        ]
        found.append(chance.choice([good, good, good, *kinds]))
    return found


async def visit(service: Service, visit: Visit) -> None:
    """Open the stream, and hear what is expected and nothing else before it."""
    parts = urlsplit(service.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**22)
    head = f"GET {visit.path} HTTP/1.0\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {visit.token}\r\n"
    writer.write(f"{head}Last-Event-ID: {visit.last}\r\n\r\n".encode("latin-1"))
    await writer.drain()
    try:
        if visit.status is not None:
            async with asyncio.timeout(SECONDS):
                answer = await reader.readuntil(b"\r\n\r\n")
                assert int(answer.split(b" ")[1]) == visit.status, (visit, answer)
                if visit.status == 200:
                    await hear(reader, visit)
    finally:
        writer.transport.abort()


async def hear(reader: asyncio.StreamReader, visit: Visit) -> None:
    is_old = visit.path in LEGACY_STREAMS
    if visit.expected[:1] == [RESET]:
        await reader.readuntil(b"id: " if is_old else f'"reason":"{visit.expected[1]}"'.encode())
        return
    wanted = [e for e in visit.expected if not is_old or e["type"] in {"message.created", "room.created"}]
    for event in wanted:
        frame = await next_event(reader)
        if is_old:
            assert frame["id"] == event["position"], visit
            if event["type"] == "message.created":
                assert frame["data"]["data"]["message"] == event["data"]["message"]
        else:
            assert frame["data"] == event, visit


async def next_event(reader: asyncio.StreamReader) -> dict[str, Any]:
    """The next durable event."""
    while True:
        lines = (await reader.readuntil(b"\n\n")).decode().splitlines()
        fields = dict(line.split(": ", 1) for line in lines if line)
        if "data" in fields and "id" in fields and fields.get("event") != "hello":
            return {"id": int(fields["id"]), "data": json.loads(fields["data"])}


def test_each_stream_gets_what_its_user_may_hear(start_service: Callable[..., Service]) -> None:
    service = start_service()
    people = service.people(5)
    chance = random.Random(11)
    make_history(service, people, chance)
    (last,) = service.sql("SELECT max(position) FROM events_event")[0]
    # Its memory is empty then, and filled while they open.
    service.kill()
    service.start()

    async def visit_all(visits: list[Visit]) -> None:
        await asyncio.gather(*(visit(service, each) for each in visits))

    for _ in range(ROUNDS):
        asyncio.run(visit_all(plan(people, last, chance)))

"""Messages to rooms run side by side in one thread: whatever comes with them, each gets their own answer."""

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from itertools import count
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx

from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

CHATS = "/api/v1/chats/"
AT_ONCE = 48


class Post(NamedTuple):
    """A request, and the statuses that are right for it."""

    person: Client
    body: bytes
    expected: set[int]
    text: str = ""
    headers: Mapping[str, str] = MappingProxyType({})


class Company:
    """Some who write, and some who should not."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.alice, self.bob, self.charlie, self.dora = service.people(4)
        self.closed = self.alice.make_room(self.bob)
        self.other = self.alice.make_room(self.bob)
        self.archived = self.alice.make_room(self.bob, self.charlie)
        assert self.alice.delete(f"/api/v1/rooms/{self.archived}/").status_code == 204
        self.open = self.alice.make_room(self.bob, kind="open")
        self.numbers = count()

    def posts(self, seed: int, rounds: int) -> list[Post]:
        chance = random.Random(seed)
        found = [post for _ in range(rounds) for post in self._some()]
        # Near to each other, so that those that belong together come together.
        order = sorted(range(len(found)), key=lambda place: place + chance.uniform(0, 20))
        return [found[place] for place in order]

    def _some(self) -> list[Post]:
        twice, across = f"twice-{next(self.numbers)}", f"across-{next(self.numbers)}"
        alice, bob, charlie, dora = self.alice, self.bob, self.charlie, self.dora
        return [
            *(self._message(person, 0) for person in (alice, bob, charlie, dora)),
            *(self._message(person, self.closed) for person in (alice, bob, alice, bob)),
            self._message(bob, self.other),
            self._message(charlie, self.closed, expected={404}),
            self._message(charlie, self.open, expected={403}),
            self._message(charlie, self.archived, expected={403}),
            self._message(dora, 2**62, expected={404}),
            *[self._message(dora, 0, client_message_id=twice, expected={200, 201})] * 2,
            *(
                self._message(bob, room, client_message_id=across, expected={201, 409})
                for room in (self.closed, self.other)
            ),
            self._message(bob, 0, client_message_id=f"once-{next(self.numbers)}"),
            *self._nonsense(charlie),
            self._message(charlie, 0, headers={"Authorization": "Bearer ct_nobody"}, expected={401}),
            self._message(charlie, 0, headers={"Content-Type": "text/plain"}, expected={415}),
            self._direct(charlie, dora),
        ]

    def _message(
        self,
        person: Client,
        room_id: int,
        expected: set[int] | None = None,
        headers: dict[str, str] | None = None,
        **extra: str,
    ) -> Post:
        text = f"{person.name} says {next(self.numbers)}"
        body = json.dumps({"room_id": room_id, "message": text, **extra}, separators=(",", ":")).encode()
        return Post(person, body, expected or {201}, text, headers or {})

    def _direct(self, person: Client, other: Client) -> Post:
        text = f"{person.name} says {next(self.numbers)}"
        body = {"user_id": other.id, "message": text, "unknown": {"room_id": 0}}
        return Post(person, json.dumps(body, separators=(",", ":")).encode(), {201}, text)

    def _nonsense(self, person: Client) -> list[Post]:
        bodies = [
            b'{"room_id":0,"message":""}',
            b'{"room_id":0,"message":"\\u0000"}',
            b'{"room_id":0,"message":"\\ud800"}',
            b'{"room_id":0,"message":"\xff"}',
            b'{"room_id":9223372036854775808,"message":"x"}',
            b'{"room_id":-1,"message":"x"}',
            b'{"room_id":0,"message":"x","client_message_id":"\\u0000"}',
            b'{"room_id":0,"user_id":1,"message":"x"}',
            b'{"room_id":' + b"[" * 40_000,
            b'{"room_id":0,"message":"' + b"x" * 40_000 + b'"}',
        ]
        too_large = Post(person, b'{"room_id":0,"message":"' + b"x" * 300_000 + b'"}', {413})
        return [too_large, *(Post(person, body, {400}) for body in bodies)]


async def send_all(service: Service, posts: list[Post]) -> list[httpx.Response]:
    """Many at once, in this order."""
    places = asyncio.Semaphore(AT_ONCE)
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=service.url, timeout=60, limits=limits) as client:

        async def send(place: int, post: Post) -> httpx.Response:
            headers = {
                "Authorization": f"Bearer {post.person.token}",
                "Content-Type": "application/json",
                "X-Request-ID": f"mixed-{place}",
            }
            async with places:
                return await client.post(CHATS, content=post.body, headers={**headers, **post.headers})

        return await asyncio.gather(*(send(place, post) for place, post in enumerate(posts)))


def logged(service: Service) -> dict[str, dict[str, Any]]:
    """The lines of the log of requests, by request id."""
    lines = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
    return {line["request_id"]: line for line in lines if line.get("request_id", "").startswith("mixed-")}


def assert_saved(service: Service, acknowledged: list[dict[str, Any]]) -> None:
    """That just these messages are in the database, each with its event, and every room's numbers have no gap."""
    rows = service.sql("SELECT id, room_id, seq, sender_id, text FROM chats_message WHERE text LIKE %s", "% says %")
    told = [(one["id"], one["room_id"], one["seq"], one["sent_by"], one["message"]) for one in acknowledged]
    assert sorted(rows) == sorted(told)
    events = "SELECT body::json->>'message' FROM events_event WHERE type = 'message.created' AND body LIKE %s"
    wait_for(lambda: len(service.sql(events, "% says %")) >= len(rows), what="an event for each")
    assert sorted(text for (text,) in service.sql(events, "% says %")) == sorted(row[4] for row in rows)
    gaps = "SELECT room_id FROM chats_message GROUP BY room_id HAVING max(seq) <> count(*) OR min(seq) <> 1"
    assert service.sql(gaps) == []


def test_each_caller_of_a_batch_gets_their_own_answer(start_service: Callable[..., Service]) -> None:
    service = start_service()
    company = Company(service)
    posts = company.posts(seed=7, rounds=8)
    answers = asyncio.run(send_all(service, posts))
    for place, (post, answer) in enumerate(zip(posts, answers, strict=True)):
        assert answer.status_code in post.expected, (post.body[:200], answer.status_code, answer.text)
        assert answer.headers["X-Request-ID"] == f"mixed-{place}"
        if answer.status_code == 201:
            assert (answer.json()["sent_by"], answer.json()["message"]) == (post.person.id, post.text)
        elif answer.status_code >= 400:
            assert answer.json()["request_id"] == f"mixed-{place}"
    assert_saved(service, [answer.json() for answer in answers if answer.status_code == 201])
    wait_for(lambda: len(logged(service)) == len(posts), what="a line of the log for each")
    for place, (post, answer) in enumerate(zip(posts, answers, strict=True)):
        line = logged(service)[f"mixed-{place}"]
        assert line["status"] == answer.status_code
        assert line.get("user_id") == (None if answer.status_code in {401, 413} else post.person.id)

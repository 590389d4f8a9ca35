"""Who may see a topic's history from a seq on hears nothing about what is older: live, and when it opens."""

import asyncio
import random
from typing import Any

import pytest

from chats.stream.connection import Connection
from chats.stream.dialects import API
from chats.stream.hub import Hub
from chatserver.events.models import Kind
from chatserver.events.rows import Row
from chatserver.tests.harness.loops import run
from chatserver.tests.harness.rows import ids_in, row

TOPICS = ["room:1", "room:2", "room:3"]
PEOPLE = range(1, 9)


def attached(hub: Hub, user_id: int, topics: dict[str, int], position: int) -> Connection:
    task = asyncio.current_task()
    assert task is not None
    connection = Connection(user_id, "token:1", None, API, position, dict(topics), task)
    assert hub.attach(connection)
    return connection


class Client:
    """A stream, and what it was sent."""

    def __init__(self, hub: Hub, user_id: int, topics: dict[str, int]) -> None:
        self.position = hub.position
        self.begin = topics
        self.bytes = b""
        self.connection = attached(hub, user_id, topics, hub.position)
        self.connection.start(self.take)

    async def take(self, message: dict[str, Any]) -> None:
        self.bytes += message["body"]


async def nothing(position: int, limit: int) -> list[Row]:
    return []


def some_row(chance: random.Random, position: int) -> Row:
    """Mostly events; some subscribe or unsubscribe somebody."""
    topic, about = chance.choice(TOPICS), chance.choice([None, chance.randrange(1, 9)])
    if chance.random() < 0.8:
        return row(position, topic, about_seq=about)
    kind = chance.choice([Kind.SUBSCRIBE, Kind.UNSUBSCRIBE])
    users = chance.sample(PEOPLE, 2)
    return Row(position, kind, topic, "", None, None, None, 0.0, "{}", users, about_seq=about if kind == 1 else None)


def expected_of(client: Client, rows: list[Row]) -> list[int]:
    """The positions that this one is entitled to."""
    topics, heard = dict(client.begin), []
    for each in rows:
        if each.position <= client.position:
            continue
        if each.is_event:
            least = topics.get(each.topic)
            if least is not None and (each.about_seq is None or each.about_seq >= least):
                heard.append(each.position)
        elif client.connection.user_id in (each.user_ids or ()):
            topics.pop(each.topic, None)
            if each.kind == Kind.SUBSCRIBE:
                topics[each.topic] = each.about_seq or 0
    return heard


@pytest.mark.parametrize("seed", range(20))
def test_each_stream_gets_what_it_is_entitled_to(seed: int) -> None:
    async def main() -> None:
        chance = random.Random(seed)
        hub = Hub(nothing)
        rows = [some_row(chance, position) for position in range(1, 121)]

        def some_client(user_id: int) -> Client:
            heard = chance.sample(TOPICS, 2)
            return Client(hub, user_id, {topic: chance.choice([0, 0, 4, 8]) for topic in heard})

        clients = [some_client(user_id) for user_id in PEOPLE]
        gone = some_client(9)
        while hub.position < len(rows):
            await hub._deliver_all(rows[hub.position : hub.position + chance.randrange(1, 12)])
            if hub.position > 40:
                hub.detach(gone.connection)
        for client in clients:
            assert ids_in(client.bytes) == expected_of(client, rows)
        hidden = [each for client in clients for each in rows if each.is_event and not client.connection.hears(each)]
        assert hidden

    run(main())


@pytest.mark.parametrize("seed", range(5))
def test_a_stream_that_opens_gets_the_same_as_one_that_was_there(seed: int) -> None:
    async def main() -> None:
        chance = random.Random(seed)
        hub = Hub(nothing)
        rows = [some_row(chance, position) for position in range(1, 61)]
        topics = {"room:1": 5, "room:2": 0}
        there = Client(hub, 1, topics)
        await hub._deliver_all(rows)
        late = attached(hub, 1, topics, 0)
        assert ids_in(await late.wait()) == ids_in(there.bytes) == expected_of(there, rows)

    run(main())

"""The wheel: a heartbeat for each stream in each round, spread evenly, and an end for who has expired (I6)."""

import asyncio
from types import SimpleNamespace

import pytest

from chats.stream import heartbeats
from chats.stream.connection import Connection
from chats.stream.dialects import API
from chats.stream.heartbeats import EXPIRES_SOON_SECONDS, WHEEL_SLOTS, Heartbeats
from chats.stream.hub import Hub
from chatserver.events.rows import Row
from chatserver.tests.harness.loops import run

STREAMS = 4 * WHEEL_SLOTS + 7


class Client:
    """Takes what it is sent."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def send(self, message: dict[str, bytes]) -> None:
        self.heard.append(message["body"])


async def nothing(position: int, limit: int) -> list[Row]:
    return []


def opened(hub: Hub, wheel: Heartbeats, expires_at: float | None = None) -> tuple[Connection, Client]:
    task = asyncio.current_task()
    assert task is not None
    connection = Connection(1, "token:1", expires_at, API, hub.position, {"test:1": 0}, task)
    client = Client()
    assert hub.attach(connection)
    wheel.add(connection)
    connection.start(client.send)
    return connection, client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock on the wall, and one that nobody sets. Both stand until the test moves them."""
    clock = SimpleNamespace(wall=1_000_000.0, steady=5_000.0)
    clock.time, clock.monotonic = lambda: clock.wall, lambda: clock.steady
    monkeypatch.setattr(heartbeats, "time", clock)
    return clock


def test_each_stream_gets_one_heartbeat_a_round_and_no_turn_has_many_more_than_another() -> None:
    async def main() -> None:
        hub = Hub(nothing)
        hub.position = 7
        wheel = Heartbeats(hub)
        streams = [opened(hub, wheel) for _ in range(STREAMS)]
        left, silent = streams.pop()
        hub.detach(left)
        wheel.remove(left)
        counts = []
        for _ in range(WHEEL_SLOTS):
            before = sum(len(client.heard) for _, client in streams)
            wheel.step()
            counts.append(sum(len(client.heard) for _, client in streams) - before)
        assert all(client.heard == [API.heartbeat(7)] for _, client in streams)
        assert silent.heard == []
        assert max(counts) - min(counts) <= 1

    run(main())


def test_an_expired_stream_ends_at_the_next_step_and_no_other(clock: SimpleNamespace) -> None:
    async def main() -> None:
        hub = Hub(nothing)
        wheel = Heartbeats(hub)
        soon, gone, later, never = (
            opened(hub, wheel, at)[0]
            for at in (clock.wall + 2, clock.wall + 2, clock.wall + 10 * EXPIRES_SOON_SECONDS, None)
        )
        wheel.remove(gone)

        def pass_time(seconds: float) -> None:
            clock.wall += seconds
            clock.steady += seconds
            wheel.step()

        pass_time(1)
        assert soon.end_reason is None
        pass_time(1)
        assert (soon.end_reason, gone.end_reason, later.end_reason) == ("expired", None, None)
        # It is noticed in some round that this one's end comes near.
        for _ in range(9 * EXPIRES_SOON_SECONDS * 4):
            pass_time(0.25)
        assert later.end_reason is None
        while clock.wall < 1_000_000.0 + 10 * EXPIRES_SOON_SECONDS:
            pass_time(0.25)
        assert (later.end_reason, never.end_reason) == ("expired", None)

    run(main())


def test_a_stream_that_expires_as_the_clock_is_set_ends_at_the_next_step(clock: SimpleNamespace) -> None:
    async def main() -> None:
        hub = Hub(nothing)
        wheel = Heartbeats(hub)
        connection, _ = opened(hub, wheel, clock.wall + 3_600)
        wheel.step()
        clock.wall += 3_600
        wheel.step()
        assert connection.end_reason == "expired"

    run(main())

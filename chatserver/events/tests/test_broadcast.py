"""What ties the processes together goes on, whatever comes over it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chatserver.events import broadcast
from chatserver.events.broadcast import GROUP, Broadcast
from chatserver.events.rows import Row
from chatserver.tests.harness.loops import run

LIMIT = 10
ROW = [7, 0, "test:1", "test.happened", None, None, None, 0.0, "{}", None, None]


class Layer:
    """A channel layer as far as a Broadcast uses it."""

    def __init__(self) -> None:
        self.channels: dict[str, asyncio.Queue[Any]] = {}
        self.is_away = False
        self.is_deaf = False
        self.late_answers = 0
        self.on_answer: Callable[[], Any] = lambda: None
        self.refused = asyncio.Event()

    async def flush(self) -> None:
        self.channels.clear()

    async def new_channel(self) -> str:
        name = f"channel-{len(self.channels)}"
        self.channels[name] = asyncio.Queue()
        if self.is_away:
            self.refused.set()
            raise ConnectionError("Redis is away")
        return name

    async def group_add(self, group: str, channel: str) -> None:
        assert group == GROUP

    async def group_send(self, group: str, message: Any) -> None:
        assert group == GROUP
        for channel in () if self.is_deaf else self.channels.values():
            channel.put_nowait(message)
        if self.late_answers:
            self.late_answers -= 1
            for _ in range(5):  # meanwhile it is heard
                await asyncio.sleep(0)
        self.on_answer()

    async def receive(self, channel: str) -> Any:
        return await self.channels[channel].get()


class Listener:
    def __init__(self) -> None:
        self.heard: asyncio.Queue[Any] = asyncio.Queue()

    def take_rows(self, rows: list[Row]) -> None:
        self.heard.put_nowait([row.position for row in rows])

    def check_log(self) -> None:
        self.heard.put_nowait("look")

    def take_ephemeral(self, topics: list[str], row: Row) -> None: ...
    def take_ephemerals(self, told: list[tuple[list[str], Row]]) -> None: ...
    def evict(self, stream_ids: list[str]) -> None: ...

    async def next(self) -> Any:
        return await asyncio.wait_for(self.heard.get(), LIMIT)


def run_beside_it(
    monkeypatch: pytest.MonkeyPatch, test: Callable[[Layer, Listener, Broadcast], Any], *, is_away: bool = False
) -> None:
    """Run a test beside a Broadcast that has just been started."""

    async def main() -> None:
        layer, listener = Layer(), Listener()
        layer.is_away = is_away
        monkeypatch.setattr(broadcast, "get_channel_layer", lambda: layer)
        monkeypatch.setattr(broadcast, "SUBSCRIBE_RETRY_SECONDS", 0.01)
        tied = Broadcast(listener)
        tied.start()
        try:
            await test(layer, listener, tied)
        finally:
            await tied.close()

    run(main())


@pytest.mark.parametrize(
    "unreadable",
    [
        {},
        {"origin": "x"},
        {"origin": "x", "type": "log.unknown"},
        {"origin": "x", "type": "log.rows", "rows": None},
        {"origin": "x", "type": "log.rows", "rows": [[1, 2]]},
        {"origin": "x", "type": "log.rows", "rows": ["123456789"]},
        {"origin": "x", "type": "log.rows", "rows": [["7", *ROW[1:]]]},
        {"origin": "x", "type": "log.ephemeral", "topics": ["all"], "row": ["7", *ROW[1:]]},
        {"origin": "x", "type": "log.ephemerals", "told": [["all"]]},
        {"origin": "x", "type": "log.ephemerals", "told": [[["all"], ["7", *ROW[1:]]]]},
    ],
)
def test_a_message_that_cannot_be_read_has_the_log_looked_at_and_the_next_one_heard(
    monkeypatch: pytest.MonkeyPatch, unreadable: dict[str, Any]
) -> None:
    async def test(layer: Layer, listener: Listener, tied: Broadcast) -> None:
        assert await listener.next() == "look"  # what was said before it listened
        (channel,) = layer.channels.values()
        channel.put_nowait(unreadable)
        channel.put_nowait({"origin": "x", "type": "log.rows", "rows": [ROW]})
        assert [await listener.next(), await listener.next()] == ["look", [7]]

    run_beside_it(monkeypatch, test)


def test_waiting_for_redis_leaves_no_channels_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(layer: Layer, listener: Listener, tied: Broadcast) -> None:
        for _ in range(3):
            layer.refused.clear()
            await asyncio.wait_for(layer.refused.wait(), LIMIT)
        layer.is_away = False
        assert await listener.next() == "look"
        assert len(layer.channels) == 1

    run_beside_it(monkeypatch, test, is_away=True)


def test_a_process_that_receives_no_echo_subscribes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A master that froze keeps its connections open, while what is published goes to its successor."""

    async def test(layer: Layer, listener: Listener, tied: Broadcast) -> None:
        assert await listener.next() == "look"
        layer.is_deaf = True
        rows = [Row(*ROW)]
        for _ in range(2):
            tied.publish_rows(rows)
            assert await listener.next() == [7]
        assert await listener.next() == "look"
        layer.is_deaf = False
        (channel,) = layer.channels.values()
        channel.put_nowait({"origin": "x", "type": "log.rows", "rows": [ROW]})
        assert await listener.next() == [7]

    monkeypatch.setattr(broadcast, "NO_ECHO_SECONDS", 0.0)
    run_beside_it(monkeypatch, test)


def test_an_echo_may_come_before_redis_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(layer: Layer, listener: Listener, tied: Broadcast) -> None:
        assert await listener.next() == "look"
        layer.late_answers = 1
        (channel,) = layer.channels.values()
        for _ in range(2):
            tied.publish_rows([Row(*ROW)])
            assert await listener.next() == [7]
        # It still listens there, and has not joined again.
        channel.put_nowait({"origin": "x", "type": "log.rows", "rows": [[8, *ROW[1:]]]})
        assert await listener.next() == [8]
        assert list(layer.channels.values()) == [channel]

    monkeypatch.setattr(broadcast, "NO_ECHO_SECONDS", 0.0)
    run_beside_it(monkeypatch, test)


def test_it_closes_in_the_moment_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(layer: Layer, listener: Listener, tied: Broadcast) -> None:
        assert await listener.next() == "look"
        closing: asyncio.Queue[asyncio.Task[None]] = asyncio.Queue()
        layer.on_answer = lambda: closing.put_nowait(asyncio.ensure_future(tied.close()))
        tied.publish_rows([Row(*ROW)])
        await asyncio.wait_for(asyncio.shield(await closing.get()), LIMIT)

    run_beside_it(monkeypatch, test)

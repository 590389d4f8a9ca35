"""The JavaScript client (clients/js) misses nothing in Chromium, whatever the network and the server do."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser

from chatserver.tests.harness.bad_network import bad_network
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

# The client with a clock that is twenty times as fast: the waits between attempts are what takes time here.
START = """
async ([token, room]) => {
  const { ChatClient } = await import("/static/chats/client/index.js");
  const clock = {
    now: () => Date.now(),
    setTimeout: (act, wait) => setTimeout(act, wait / 20),
    clearTimeout: (timer) => clearTimeout(timer),
    random: () => Math.random(),
  };
  const chat = (window.chat = new ChatClient({ token, clock }));
  window.positions = [];
  chat.on("event", ({ position }) => position && window.positions.push(position));
  chat.on("loaded", () => (window.isLoaded = true));
  await chat.connect();
  window.timeline = chat.openTimeline(room);
}
"""
# A second client fetches everything afresh, and what both show is compared.
COMPARE = """
async ([token, room]) => {
  const { ChatClient } = await import("/static/chats/client/index.js");
  const fresh = new ChatClient({ token, share: false, storage: null });
  const loaded = new Promise((resolve) => fresh.on("loaded", resolve));
  await fresh.connect();
  await loaded;
  const timeline = fresh.openTimeline(room);
  while (!timeline.isLoaded) await new Promise((resolve) => setTimeout(resolve, 10));
  while (timeline.hasOlder) await timeline.loadOlder();
  const shown = ({ store }) => store.roomList().map(({ place, ...room }) => room);
  const result = {
    rooms: [shown(window.chat), shown(fresh)],
    messages: [window.timeline.messages, timeline.messages],
  };
  fresh.close();
  return result;
}
"""


@pytest.mark.timeout(240)
def test_in_chromium_nothing_is_lost_or_doubled_and_the_state_is_a_fresh_fetch(
    granian: Service, start_shared_service: Callable[..., Service], chromium: Browser
) -> None:
    """Through a proxy that cuts, delays and truncates, and a server that is killed."""
    service = start_shared_service(beside=granian)
    reader, writer = granian.people(2)
    room = writer.make_room(reader)
    said = 0

    def say(count: int) -> None:
        nonlocal said
        for _ in range(count):
            said += 1
            writer.send_text(f"text {said}", room)
            chat(f"send({{ room_id: {room} }}, 'mine {said}')")

    def chat(call: str) -> Any:
        return page.evaluate(f"void window.chat.{call}")

    with bad_network(service) as network:
        page = chromium.new_page()
        page.goto(f"{network.url}/healthz")
        page.evaluate(START, [reader.token, room])
        page.wait_for_function("window.isLoaded && window.timeline.isLoaded")
        for _ in range(3):
            say(3)
            network.cut()
            say(3)
        network.set(delay_seconds=0.05, truncation=0.1)
        for _ in range(4):
            say(3)
            writer.patch(f"/api/v1/rooms/{room}/", json={"name": f"renamed {said}"})
        service.kill()
        say(3)
        other_room = writer.make_room(reader)
        writer.send_text("in a room that the reader has not seen yet", other_room)
        service.start()
        say(3)
        network.set()
        wait_for(lambda: page.evaluate("window.chat.outbox.items.length") == 0, 60, "an empty outbox")
        page.wait_for_function(
            f"window.timeline.messages.filter((each) => each.kind === 'text').length === {2 * said}", timeout=60_000
        )
        page.wait_for_function(
            f"window.chat.state === 'live' && window.chat.store.rooms.has({other_room})", timeout=60_000
        )
        wait_for(lambda: same(page.evaluate(COMPARE, [reader.token, room])["rooms"]), 30, "the same rooms")
        found = page.evaluate(COMPARE, [reader.token, room])
        positions = page.evaluate("window.positions")
        page.evaluate("window.chat.close()")
        page.close()
    assert same(found["messages"])
    texts = [message["message"] for message in found["messages"][0] if message["kind"] == "text"]
    assert sorted(texts) == sorted(f"{who} {number + 1}" for who in ("text", "mine") for number in range(said))
    for who in ("text", "mine"):
        assert [text for text in texts if text.startswith(who)] == [f"{who} {number + 1}" for number in range(said)]
    assert positions == sorted(set(positions))


def same(pair: list[Any]) -> bool:
    return pair[0] == pair[1]

"""The clock of the machine is set back by an hour while the service runs."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chatserver.tests.harness.processes import HARNESS
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for
from users.presence import MAX_STREAMS_PER_USER

HOUR = 3600
WRITES = 40
# Its sitecustomize shifts the clock of each Python process that has it on its path.
SHIFTED = HARNESS / "shifted"


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """Holds by how many seconds the service's clock is off."""
    file = tmp_path / "shift"
    file.write_text("0")
    return file


def set_back(clock: Path) -> None:
    draft = clock.with_suffix(".draft")
    draft.write_text(str(-HOUR))
    draft.rename(clock)


@pytest.fixture
def service(start_service: Callable[..., Service], clock: Path) -> Service:
    return start_service(PYTHONPATH=str(SHIFTED), CLOCK_SHIFT=str(clock), CHAT_THROTTLE_WRITES=f"{WRITES}/minute")


def seconds_of(text: str) -> float:
    return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone


def test_an_hour_back_changes_no_order_and_ends_nothing(service: Service, clock: Path) -> None:
    """Expectation: the order of the log is that of the commits, whatever the clock says: streams go on, a resume misses
    nothing, new tickets and streams work, and of a person's streams it is still the oldest that has to go."""
    alice, bob, charlie = service.people(3)
    room = alice.make_room(bob)
    live = bob.listen()
    streams = [charlie.listen() for _ in range(MAX_STREAMS_PER_USER)]
    before = alice.send_text("before", room)
    set_back(clock)
    after = alice.send_text("after", room)
    assert seconds_of(after["sent_at"]) < seconds_of(before["sent_at"]) - HOUR + 60
    assert after["seq"] == before["seq"] + 1
    wait_for(lambda: live.texts() == ["before", "after"], what="both in their order")
    resumed = bob.listen(live.named("message.created")[0].id)
    wait_for(lambda: resumed.texts() == ["after"], what="what came behind")
    messages = bob.get(f"/api/v1/rooms/{room}/messages/").json()["results"]
    assert [message["message"] for message in messages][-2:] in (["before", "after"], ["after", "before"])
    newest = charlie.listen()
    assert streams[0].wait("bye").data == {"type": "bye", "reason": "too_many_streams"}
    alice.send_text("for everybody")
    for stream in (*streams[1:], newest, live):
        wait_for(lambda stream=stream: stream.texts()[-1:] == ["for everybody"], what="what all hear")
        assert not stream.is_closed
    ticket = alice.post("/api/v1/tickets/").json()["ticket"]
    by_ticket = Stream(f"{service.url}/api/v1/stream?ticket={ticket}")
    by_ticket.wait("hello")
    alice.send_text("for the ticket, too")
    wait_for(lambda: by_ticket.texts() == ["for the ticket, too"], what="what a new stream hears")


def test_a_refused_caller_waits_a_window_and_not_an_hour(service: Service, clock: Path) -> None:
    """Expectation: the limits count in windows of their own; a step gives nobody a wait longer than one."""
    (alice,) = service.people()
    for _ in range(WRITES // 2):
        alice.send_text("before")
    set_back(clock)
    answers = [alice.post("/api/v1/chats/", json={"room_id": 0, "message": "after"}) for _ in range(WRITES + 1)]
    assert {answer.status_code for answer in answers} == {201, 429}
    for answer in answers:
        assert 0 < int(answer.headers["X-RateLimit-Reset"]) <= 60
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60

"""A replica is promoted that lacks the newest rows: who saw them gets a reset, and never a wrong resume (I4)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatserver.tests.harness.databases import PrivateEngines
from chatserver.tests.harness.replicas import Door, Replica
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for


@pytest.fixture
def replica(private_engines: PrivateEngines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    # Not in the folder of the test: the path of a socket has at most 107 bytes.
    made = Replica(private_engines.postgres, tmp_path_factory.mktemp("replica"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def door(private_engines: PrivateEngines, tmp_path: Path) -> Door:
    return Door(tmp_path / "door", private_engines)


@pytest.fixture
def start_behind(door: Door, private_engines: PrivateEngines, tmp_path: Path) -> Iterator[Callable[[], Service]]:
    """Start a service that goes through the door."""
    started: list[Service] = []

    def start() -> Service:
        started.append(Service(door.env, private_engines.accounts, tmp_path / f"service-{len(started)}.log"))
        return started[-1].start()

    yield start
    for service in started:
        service.stop()


def test_after_a_promotion_nobody_resumes_from_what_was_lost(
    private_engines: PrivateEngines, replica: Replica, door: Door, start_behind: Callable[[], Service]
) -> None:
    here, there = start_behind(), start_behind()
    alice, bob = here.people(2)
    near, far = bob.listen(), bob.listen(service=there)
    alice.send_text("kept")
    kept = near.wait("message.created").id
    replica.wait_until_equal()
    replica.detach()
    lost_texts = [f"lost {number}" for number in range(5)]
    for text in lost_texts:
        alice.send_text(text)
    for stream in (near, far):
        wait_for(lambda stream=stream: stream.texts() == ["kept", *lost_texts])
    lost = [event.id for event in near.named("message.created")][1:]

    private_engines.postgres.stop()
    replica.promote()
    door.lead_to(replica)
    # Nothing has happened since, and still they are told.
    for stream in (near, far):
        assert stream.wait("bye").data == {"type": "bye", "reason": "lost"}
        stream.wait_closed()
    early = bob.listen(lost[-1])
    assert early.wait("reset").data["reason"] == "future"
    assert bob.get(f"/api/v1/events/?after={lost[0]}").json()["reset"]["reason"] == "future"

    # More than was lost, so that each lost position would be passed.
    new_texts = [f"new {number}" for number in range(8)]
    for text in new_texts:
        alice.send_text(text)
    wait_for(lambda: early.texts() == new_texts)
    for position in (lost[0], lost[2], lost[-1]):
        late = bob.listen(position, service=there)
        assert late.wait("reset").data["reason"] == "lost"
        assert late.texts() == []
        late.close()
        polled = bob.get(f"/api/v1/events/?after={position}").json()
        assert (polled["reset"]["reason"], polled["results"]) == ("lost", [])
    for service in (here, there):
        again = bob.listen(kept, service=service)
        wait_for(lambda again=again: again.texts() == new_texts)
        assert not again.named("reset")
        again.close()
    polled = bob.get(f"/api/v1/events/?after={kept}").json()
    assert [event["data"]["message"] for event in polled["results"]] == new_texts
    assert polled["reset"] is None

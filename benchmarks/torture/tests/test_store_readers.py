"""A reader's store is compared with a fresh one, and what its client does not take from events is found."""

import asyncio
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from chatserver_client.store import store as store_module

from benchmarks.processes.program import wait_for
from benchmarks.torture.cluster import Cluster
from benchmarks.torture.context import Context
from benchmarks.torture.fault_windows import FaultWindows
from benchmarks.torture.oracle import Oracle
from benchmarks.torture.store_readers import StoreReader
from benchmarks.torture.users import User
from benchmarks.torture.violations import Violations

POSITION_OF = "SELECT position FROM events_event WHERE type = 'message.created' AND body::jsonb ->> 'id' = %s"


def end_of_log(service: Any, person: Any) -> int:
    """The position of a message to everybody, behind all that was done before."""
    message_id = person.send_text("the end")["id"]
    found = wait_for(lambda: service.sql(POSITION_OF, str(message_id)), "the message in the log")
    return cast(int, found[0][0])


def test_a_store_that_does_not_apply_an_event_is_found(
    start_service: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = start_service()
    alice, bob = service.people(2)
    room_id = alice.make_room(bob)
    oracle = Oracle(Violations(), FaultWindows(), allowance=2.0)
    cluster = cast(Cluster, SimpleNamespace(ports=[service.port]))
    reader = StoreReader(Context(cluster, oracle, Counter(), 1), "bob", User(bob.id, bob.name, bob.token, ""), 1.0)

    def found_after(change: Callable[[], Any]) -> list[str]:
        """What bob's reader is found to have otherwise than a fresh store."""
        asyncio.run(reader.compare(end_of_log(service, alice)))
        assert oracle.violations.kept == {}
        change()
        asyncio.run(reader.compare(end_of_log(service, alice)))
        kept = oracle.violations.kept.get("I8", [])
        oracle.violations = Violations()
        return kept

    def rename() -> None:
        assert alice.patch(f"/api/v1/rooms/{room_id}/", json={"name": "Tea"}).is_success

    def block() -> None:
        assert bob.put(f"/api/v1/blocks/{alice.id}/").is_success

    assert found_after(lambda: alice.send_text("hello", room_id)) == []
    for event_type, change, told in (
        ("room.updated", rename, f"bob: of room {room_id} its store has"),
        ("message.created", lambda: alice.send_text("well", room_id), f"bob: of messages of {room_id} its store has"),
        ("block.added", block, "bob: of blocks its store has"),
    ):
        with monkeypatch.context() as patch:
            patch.delitem(store_module.CHANGES, event_type)
            assert any(what.startswith(told) for what in found_after(change)), event_type
        reader = StoreReader(Context(cluster, oracle, Counter(), 1), "bob", reader.user, 1.0)

"""Who is online: leases that are renewed, run out, and are announced by whichever process finds them."""

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import redis
from django.conf import settings

from chats.stream import presence_tracker as tracker_module
from chats.stream.presence_tracker import PresenceTracker
from chatserver.storage.redis_client import redis_client, redis_key
from chatserver.tests.harness.loops import run
from chatserver.tests.harness.service import Service
from users import activity, presence

STREAMS = 60
# The threads that read for streams that open, and their connections, whatever the number of streams.
MOST_MORE = 8


@pytest.fixture
def clock(db: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The second it is, for presence alone, and keys that no other test has."""
    now = [time.time()]
    for module in (presence, activity):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: now[0]))
    monkeypatch.setattr(settings, "REDIS_PREFIX", f"{settings.REDIS_PREFIX}:{uuid.uuid4().hex}")
    monkeypatch.setattr(presence, "KEY", redis_key("presence"))
    monkeypatch.setattr(activity, "ACTIVITY_KEY", redis_key("activity"))
    yield now
    redis_client().delete(presence.KEY, activity.ACTIVITY_KEY)


def test_a_reload_within_the_grace_shows_nothing(clock: list[float]) -> None:
    assert presence.open_streams([(1, "first")]) == ([1], [])
    clock[0] += presence.RENEW_SECONDS
    presence.renew([1])
    presence.close_streams([(1, "first")])
    clock[0] += presence.GRACE_SECONDS - 1
    assert presence.sweep() == []
    assert presence.open_streams([(1, "second")]) == ([], [])


def test_a_user_whose_process_crashed_is_offline_within_a_minute_and_announced_once(clock: list[float]) -> None:
    presence.open_streams([(1, "first")])
    clock[0] += 60 - presence.SWEEP_SECONDS
    assert presence.online_ids() == set()
    assert presence.sweep() == [1]
    assert presence.sweep() == []


def test_a_user_who_left_before_the_clock_was_set_back_is_offline_within_a_minute(clock: list[float]) -> None:
    presence.open_streams([(1, "left")])
    presence.open_streams([(2, "stays")])
    clock[0] -= 3600
    presence.sweep()
    clock[0] += 60 - presence.SWEEP_SECONDS
    presence.renew([2])
    assert presence.sweep() == [1]
    assert presence.online_ids() == {2}


def test_clocks_that_are_a_little_apart_cut_no_lease(clock: list[float]) -> None:
    presence.open_streams([(1, "there")])
    clock[0] -= presence.SKEW_SECONDS - 1
    presence.sweep()
    clock[0] += presence.LEASE_SECONDS
    assert presence.sweep() == []


def test_a_process_whose_clock_is_behind_shortens_no_lease(clock: list[float]) -> None:
    presence.open_streams([(1, "there"), (2, "there")])
    clock[0] -= presence.SKEW_SECONDS - 1
    presence.open_streams([(1, "here")])
    presence.renew([2])
    clock[0] += presence.LEASE_SECONDS + presence.SKEW_SECONDS - 2
    assert presence.online_ids() == {1, 2}


def test_the_newest_stream_stays_though_the_clock_was_set_back(clock: list[float]) -> None:
    names = [f"stream {number}" for number in range(presence.MAX_STREAMS_PER_USER)]
    for name in reversed(names):  # all in one millisecond, and their names in the wrong order
        assert presence.open_streams([(77, name)])[1] == []
    clock[0] -= 3600
    assert presence.open_streams([(77, "newest")])[1] == [names[-1]]
    redis_client().delete(presence._streams_key(77))


def test_streams_that_are_sent_in_one_batch_are_kept_apart(clock: list[float]) -> None:
    most = presence.MAX_STREAMS_PER_USER
    assert presence.open_streams([(501, "a"), (502, "b"), (501, "c")]) == ([501, 502], [])
    many = [(503, f"{number:02}") for number in range(most + 2)]
    assert presence.open_streams([(501, "d"), *many]) == ([503], ["00", "01"])
    presence.close_streams([(501, "a"), (502, "b"), (501, "d")])
    keys = [presence._streams_key(user_id) for user_id in (501, 502, 503)]
    assert [redis_client().zcard(key) for key in keys] == [1, 0, most]
    for key in keys:
        redis_client().expire(key, 10)
    presence.keep_streams([501, 502])
    left = [redis_client().ttl(key) for key in keys]
    assert left[0] > presence.KEEP_SECONDS
    assert left[1] == -2
    assert left[2] <= 10
    redis_client().delete(*keys)


def test_leases_that_redis_lost_are_given_again_and_announced(clock: list[float]) -> None:
    presence.open_streams([(2, "known")])
    everybody = list(range(1, 2 * presence.RENEW_BATCH + 2))
    assert presence.renew(everybody) == [user_id for user_id in everybody if user_id != 2]
    assert presence.renew(everybody) == []
    clock[0] += presence.LEASE_SECONDS - 1
    assert presence.online_ids() == set(everybody)
    redis_client().delete(presence._streams_key(2))


def test_arrivals_and_departures_while_redis_is_busy_are_one_batch_arrivals_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_go = threading.Event()
    told: list[tuple[str, list[tuple[int, str]]]] = []

    def open_streams(opened: list[tuple[int, str]]) -> tuple[list[int], list[str]]:
        told.append(("came", opened))
        return [], []

    async def main() -> None:
        attendance = PresenceTracker(SimpleNamespace(), SimpleNamespace())
        first, second = (SimpleNamespace(user_id=number, id=str(number)) for number in (1, 2))
        attendance._submit(may_go.wait, 10)
        attendance.arrived(first)
        attendance.left(first)
        attendance.arrived(second)
        # All of it is one call, so that there is room for sweeps and renewals.
        assert attendance._waiting == 2
        may_go.set()
        async with asyncio.timeout(10):
            while len(told) < 2:
                await asyncio.sleep(0)
        attendance.close()

    monkeypatch.setattr(presence, "open_streams", open_streams)
    monkeypatch.setattr(presence, "close_streams", lambda closed: told.append(("left", closed)))
    run(main())
    assert told == [("came", [(1, "1"), (2, "2")]), ("left", [(1, "1")])]


def test_an_arrival_that_finds_the_queue_full_is_sent_with_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[tuple[int, str]]] = []

    def open_streams(opened: list[tuple[int, str]]) -> tuple[list[int], list[str]]:
        told.append(opened)
        return [], []

    async def main() -> None:
        attendance = PresenceTracker(SimpleNamespace(), SimpleNamespace())
        with monkeypatch.context() as busy:
            busy.setattr(tracker_module, "MAX_WAITING_CALLS", 0)
            attendance.arrived(SimpleNamespace(user_id=1, id="1"))
        attendance.arrived(SimpleNamespace(user_id=2, id="2"))
        async with asyncio.timeout(10):
            while not told:
                await asyncio.sleep(0)
        attendance.close()

    monkeypatch.setattr(presence, "open_streams", open_streams)
    run(main())
    assert told == [[(1, "1"), (2, "2")]]


def test_another_process_announces_that_the_users_of_a_killed_one_are_gone(
    start_service: Callable[..., Service],
) -> None:
    here = start_service()
    there = start_service(beside=here)
    alice, bob = here.people(2)
    alice.make_room(bob)
    hears = alice.listen(service=there)
    bob.listen(service=here)
    hears.wait("presence.changed", lambda data: data["data"]["id"] == bob.id and data["data"]["online"])
    here.kill()
    with redis.Redis.from_url(here.env["REDIS_URL"]) as client:
        # As if the minute were over.
        client.zadd(f"{here.env['REDIS_PREFIX']}:presence", {str(bob.id): time.time() - 1})
    gone = hears.wait("presence.changed", lambda data: data["data"]["id"] == bob.id and not data["data"]["online"])
    assert gone.data["data"] == {"id": bob.id, "username": bob.name, "online": False, "status": "offline"}


def test_no_stream_holds_a_thread_or_a_database_connection(start_service: Callable[..., Service]) -> None:
    service = start_service()
    people = service.people(STREAMS)
    people[0].listen()
    before = threads_and_connections(service)
    streams = [person.listen() for person in people]
    after = threads_and_connections(service)
    assert not any(stream.is_closed for stream in streams)
    assert all(more - less <= MOST_MORE for less, more in zip(before, after, strict=True)), (before, after)


def threads_and_connections(service: Service) -> tuple[int, int]:
    (connections,) = service.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    return sum(psutil.Process(pid).num_threads() for pid in service.worker_pids()), connections[0]

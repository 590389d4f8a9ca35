"""How people appear: online, away, offline; and invisible, which nobody can tell from offline."""

import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import redis

from chatserver.events import broadcast
from chatserver.events.sequencer import sequence
from chatserver.storage.redis_client import redis_client
from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.outbox import Recorder
from rooms.actions import create_room, open_direct_room
from rooms.models import Kind, Room
from users import activity, presence
from users.actions import ban_user, delete_user
from users.last_seen import flush_last_seen, mark_seen
from users.models import User
from users.presence_actions import note_choice, tell_presence
from users.presence_changes import note_changes, take_changes

MINE = "/api/v1/users/me/presence/"
ACTIVITY = "/api/v1/users/me/activity/"
ONLINE = "/api/v1/users/online/"

Told = list[tuple[int, str]]

pytestmark = pytest.mark.usefixtures("own_presence")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The second it is, for presence and activity alone."""
    now = [1_800_000_000.0]
    for module in (presence, activity):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: now[0]))
    return now


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    made = create_room(alice, [bob], name="two", kind=Kind.CLOSED)
    while sequence():
        pass
    return made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, room: Room) -> Iterator[Told]:
    """How others are told that people appear."""
    found: Told = []

    def send(events: list[tuple[list[str], str, str]]) -> None:
        for topics, event_type, body in events:
            data = broadcast.msgspec.json.decode(body)
            assert (topics, event_type) == ([room.topic], "presence.changed")
            assert set(data) == {"id", "username", "online", "status"}
            assert data["online"] == (data["status"] != "offline")
            found.append((data["id"], data["status"]))

    take_changes()
    monkeypatch.setattr(broadcast, "send_ephemerals", send)
    yield found
    take_changes()


def come_online(*people: User) -> None:
    note_changes(presence.open_streams([(user.pk, uuid.uuid4().hex) for user in people])[0])


def telling(told: Told) -> Told:
    """What is told of the changes until now."""
    told.clear()
    tell_presence(take_changes())
    return told


@pytest.fixture
def choose(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Choose to be invisible, or no longer; returns the answer."""

    def put(client: Any, is_invisible: bool) -> Any:
        with django_capture_on_commit_callbacks() as callbacks:
            answer = client.put(MINE, {"invisible": is_invisible}, "json")
        # Not what numbers the events: it would take them from the recorder.
        for callback in callbacks:
            if getattr(callback, "func", None) is note_choice:
                callback()
        return answer

    return put


def seen_by(client: Any, user: User) -> str | None:
    """How a person is listed: with those of the rooms, and by id."""
    lists = [client.get(ONLINE + query).json()["results"] for query in ("", f"?ids={user.pk}")]
    first, second = [{person["id"]: person["status"] for person in people}.get(user.pk) for people in lists]
    assert first == second
    return first


def test_who_reports_activity_is_away_after_minutes_without(
    alice: User, bob: User, api_of: Any, clock: list[float], told: Told, django_assert_num_queries: Any
) -> None:
    come_online(alice)
    client, other = api_of(alice), api_of(bob)
    with django_assert_num_queries(0):
        assert client.post(ACTIVITY).status_code == 204
    assert telling(told) == [(alice.pk, "online")]
    clock[0] += activity.ACTIVE_SECONDS - 1
    presence.renew([alice.pk])
    assert (activity.find_idle(), seen_by(other, alice)) == ([], "online")
    clock[0] += 1
    note_changes(activity.find_idle())
    assert telling(told) == [(alice.pk, "away")]
    assert activity.find_idle() == []
    assert seen_by(other, alice) == client.get(MINE).json()["status"] == "away"
    assert client.post(ACTIVITY).status_code == client.post(ACTIVITY).status_code == 204
    assert telling(told) == [(alice.pk, "online")]
    assert seen_by(other, alice) == "online"


def test_any_device_that_is_used_keeps_one_from_being_away(alice: User, api_of: Any, clock: list[float]) -> None:
    come_online(alice)
    for _ in range(3):
        api_of(alice).post(ACTIVITY)
        clock[0] += activity.ACTIVE_SECONDS - 1
        presence.renew([alice.pk])
        assert activity.find_idle() == []


def test_a_client_that_finds_nobody_says_so_and_takes_nothing_from_another(
    alice: User, bob: User, room: Room, api_of: Any, clock: list[float]
) -> None:
    come_online(alice)
    client, other = api_of(alice), api_of(bob)
    assert client.post(ACTIVITY, {"idle": True}, "json").status_code == 204
    assert (seen_by(other, alice), activity.find_idle()) == ("away", [alice.pk])
    client.post(ACTIVITY, {"idle": False}, "json")
    client.post(ACTIVITY, {"idle": True}, "json")
    assert (seen_by(other, alice), activity.find_idle()) == ("online", [])


def test_whose_clients_report_nothing_is_never_away(
    alice: User, bob: User, room: Room, api_of: Any, clock: list[float]
) -> None:
    come_online(alice)
    clock[0] += 10 * activity.ACTIVE_SECONDS
    presence.renew([alice.pk])
    assert activity.find_idle() == []
    assert seen_by(api_of(bob), alice) == "online"


def test_who_is_offline_is_not_away_and_comes_back_online(
    alice: User, api_of: Any, clock: list[float], told: Told
) -> None:
    assert api_of(alice).post(ACTIVITY).status_code == 204
    assert redis_client().zcard(activity.ACTIVITY_KEY) == 0
    come_online(alice)
    api_of(alice).post(ACTIVITY)
    telling(told)
    clock[0] += 2 * activity.ACTIVE_SECONDS
    gone = presence.sweep()
    activity.forget_activity(gone)
    note_changes(gone)
    assert telling(told) == [(alice.pk, "offline")]
    come_online(alice)
    assert telling(told) == [(alice.pk, "online")]


def test_a_clock_that_is_set_back_keeps_nobody_active(alice: User, api_of: Any, clock: list[float]) -> None:
    come_online(alice)
    api_of(alice).post(ACTIVITY)
    clock[0] -= 3600
    activity.find_idle()
    clock[0] += activity.ACTIVE_SECONDS
    assert activity.find_idle() == [alice.pk]


def test_who_comes_and_goes_is_told_once(alice: User, bob: User, told: Told) -> None:
    come_online(alice, bob)
    redis_client().zrem(presence.KEY, bob.pk)
    note_changes([alice.pk, bob.pk])
    assert telling(told) == [(alice.pk, "online"), (bob.pk, "offline")]
    assert telling(told) == []


def test_general_and_large_rooms_hear_nothing(
    alice: User, charlie: User, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_online(charlie)
    assert telling(told) == []
    monkeypatch.setattr(presence, "LARGEST_PRESENCE_ROOM", 1)
    come_online(alice)
    assert telling(told) == []


def test_an_invisible_person_appears_offline_wherever_one_looks(
    alice: User, bob: User, api_of: Any, told: Told, choose: Any
) -> None:
    come_online(alice)
    telling(told)
    client, other = api_of(alice), api_of(bob)
    record = Recorder()
    for _ in range(2):
        answer = choose(client, True)
        assert (answer.status_code, answer.json()) == (200, {"invisible": True})
    assert record.events() == [(f"user:{alice.pk}", "visibility.updated", {"invisible": True})]
    assert User.objects.get(pk=alice.pk).is_invisible
    assert telling(told) == [(alice.pk, "offline")]
    assert seen_by(other, alice) is None
    assert str(alice.pk) not in other.get("/users/online").json()
    assert other.get(f"/users?ids[]={alice.pk}").json()[str(alice.pk)]["online"] is False
    again = api_of(User.objects.get(pk=alice.pk))
    assert again.get(MINE).json() == {"invisible": True, "status": "offline"}
    record = Recorder()
    assert choose(client, False).json() == {"invisible": False}
    assert record.events() == [(f"user:{alice.pk}", "visibility.updated", {"invisible": False})]
    assert telling(told) == [(alice.pk, "online")]
    assert seen_by(other, alice) == "online"


def test_nothing_that_an_invisible_person_does_is_told(
    alice: User, api_of: Any, clock: list[float], told: Told, choose: Any
) -> None:
    client = api_of(alice)
    choose(client, True)
    assert telling(told) == []  # others saw them offline before
    come_online(alice)
    assert telling(told) == []
    client.post(ACTIVITY)
    clock[0] += activity.ACTIVE_SECONDS
    presence.renew([alice.pk])
    note_changes(activity.find_idle())
    client.post(ACTIVITY)
    assert telling(told) == []
    clock[0] += presence.LEASE_SECONDS
    note_changes(presence.sweep())
    assert telling(told) == []
    choose(client, False)
    assert telling(told) == []


def test_who_is_invisible_a_moment_before_they_come_is_not_told_of(
    alice: User, told: Told, api_of: Any, choose: Any
) -> None:
    choose(api_of(alice), True)
    come_online(alice)
    assert telling(told) == []
    choose(api_of(alice), False)
    assert telling(told) == [(alice.pk, "online")]


@pytest.mark.parametrize("is_invisible", [False, True])
def test_who_is_banned_appears_offline_at_once(
    alice: User, bob: User, told: Told, api_of: Any, django_capture_on_commit_callbacks: Any, is_invisible: bool
) -> None:
    come_online(alice, bob)
    telling(told)
    if is_invisible:
        User.objects.filter(pk=bob.pk).update(is_invisible=True)
    with django_capture_on_commit_callbacks(execute=True):
        ban_user(User.objects.get(pk=bob.pk))
    assert telling(told) == ([] if is_invisible else [(bob.pk, "offline")])
    for path in (ONLINE, f"{ONLINE}?ids={bob.pk}"):
        assert [person["id"] for person in api_of(alice).get(path).json()["results"] if person["id"] == bob.pk] == []


def test_who_is_banned_is_offline_in_what_a_client_starts_with(alice: User, bob: User, api_of: Any) -> None:
    open_direct_room(alice, bob)
    come_online(bob)
    for status in ("online", "offline"):
        (shown,) = api_of(alice).get("/api/v1/sync/").json()["people"]
        assert (shown["id"], shown["status"]) == (bob.pk, status)
        ban_user(bob)


def test_when_an_invisible_person_was_last_seen_stays_as_it_was(alice: User, bob: User, api_of: Any) -> None:
    api_of(alice).put(MINE, {"invisible": True}, "json")
    for user in (alice, bob):
        mark_seen(user.pk)
    flush_last_seen()
    shown = [api_of(bob).get(f"/api/v1/users/{user.pk}/").json()["last_seen_at"] for user in (alice, bob)]
    assert shown[0] is None
    assert shown[1] is not None


def test_a_deleted_person_is_told_as_offline(alice: User, bob: User, told: Told) -> None:
    come_online(bob)
    telling(told)
    delete_user(bob)
    note_changes([bob.pk])
    assert telling(told) == [(bob.pk, "offline")]


@pytest.mark.parametrize("choice", [None, "perhaps", "yes", "true", 1, 1.0, [True]])
def test_a_choice_is_true_or_false(alice: User, api_of: Any, choice: Any) -> None:
    assert_problem(api_of(alice).put(MINE, {"invisible": choice}, "json"), 400, "invalid")
    assert_problem(api_of(alice).post(ACTIVITY, {"idle": choice}, "json"), 400, "invalid")
    assert not User.objects.get(pk=alice.pk).is_invisible


@pytest.mark.parametrize("body", [{}, []])
def test_a_choice_is_made(alice: User, api_of: Any, body: Any) -> None:
    assert_problem(api_of(alice).put(MINE, body, "json"), 400, "invalid")


def test_without_redis_one_can_still_choose(alice: User, api_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> set[int]:
        raise redis.ConnectionError

    monkeypatch.setattr(presence, "online_among", away)
    client = api_of(alice)
    assert client.put(MINE, {"invisible": True}, "json").json() == {"invisible": True}
    for answer in (client.get(MINE), client.post(ACTIVITY)):
        assert_problem(answer, 503, "presence_unavailable")


def test_nobody_has_none(api_of: Any) -> None:
    for answer in (api_of(None).get(MINE), api_of(None).put(MINE, {}, "json"), api_of(None).post(ACTIVITY)):
        assert_problem(answer, 401)

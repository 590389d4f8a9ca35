"""People may choose to be invisible, which nobody can tell from offline."""

from typing import Any

import pytest
import redis

from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.outbox import Recorder
from chatserver.tests.harness.presence import ACTIVITY, MINE, Told, come_online, seen_by, telling
from users import activity, presence
from users.last_seen import flush_last_seen, mark_seen
from users.models import User
from users.presence_changes import note_changes

pytestmark = pytest.mark.usefixtures("own_presence")


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


def test_when_an_invisible_person_was_last_seen_stays_as_it_was(alice: User, bob: User, api_of: Any) -> None:
    api_of(alice).put(MINE, {"invisible": True}, "json")
    for user in (alice, bob):
        mark_seen(user.pk)
    flush_last_seen()
    shown = [api_of(bob).get(f"/api/v1/users/{user.pk}/").json()["last_seen_at"] for user in (alice, bob)]
    assert shown[0] is None
    assert shown[1] is not None


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

"""Who reports activity appears away after minutes without; who reports none never does."""

from typing import Any

import pytest

from chatserver.storage.redis_client import redis_client
from chatserver.tests.harness.presence import ACTIVITY, MINE, Told, come_online, seen_by, telling
from rooms.models import Room
from users import activity, presence
from users.models import User
from users.presence_changes import note_changes

pytestmark = pytest.mark.usefixtures("own_presence")


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

"""People who are banned appear offline at once."""

from typing import Any

import pytest

from chatserver.tests.harness.presence import ONLINE, Told, come_online, telling
from rooms.actions.rooms import open_direct_room
from users.actions.people import ban_user
from users.models import User

pytestmark = pytest.mark.usefixtures("own_presence")


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

"""Small rooms are told who comes and who goes, once."""

import pytest

from chatserver.storage.redis_client import redis_client
from chatserver.tests.harness.presence import Told, come_online, telling
from users import presence
from users.actions.people import delete_user
from users.models import User
from users.presence_changes import note_changes

pytestmark = pytest.mark.usefixtures("own_presence")


def test_who_comes_and_goes_is_told_once(alice: User, bob: User, told: Told) -> None:
    come_online(alice, bob)
    redis_client().zrem(presence.KEY, bob.pk)
    note_changes([alice.pk, bob.pk])
    assert sorted(telling(told)) == sorted([(alice.pk, "online"), (bob.pk, "offline")])
    assert telling(told) == []


def test_general_and_large_rooms_hear_nothing(
    alice: User, charlie: User, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_online(charlie)
    assert telling(told) == []
    monkeypatch.setattr(presence, "LARGEST_PRESENCE_ROOM", 1)
    come_online(alice)
    assert telling(told) == []


def test_a_deleted_person_is_told_as_offline(alice: User, bob: User, told: Told) -> None:
    come_online(bob)
    telling(told)
    delete_user(bob)
    note_changes([bob.pk])
    assert telling(told) == [(bob.pk, "offline")]

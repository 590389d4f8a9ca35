"""Where strangers do not see each other, the rooms of a person hear how they look now, and nobody else does."""

from typing import Any

import pytest

from rooms.actions import announcements, exclusions
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import Announcement, Kind, Room
from users.actions.people import create_user, delete_user, update_profile
from users.models import User


@pytest.fixture(autouse=True)
def narrow(settings: Any) -> None:
    settings.CHAT_DIRECTORY = "rooms"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody finishes the work but the test."""
    for work in (announcements, exclusions):
        monkeypatch.setattr(work, "wake", lambda: None)


def topics(record: Any, event_type: str = "user.updated") -> list[str]:
    return [topic for topic, event, _ in record.events() if event == event_type]


def test_a_new_name_is_told_to_ones_own_devices_at_once_and_to_the_rooms_then(
    recorder: Any, steps: None, alice: User, bob: User, closed: Room, open_room: Room
) -> None:
    direct, _ = open_direct_room(alice, bob)
    record = recorder()
    update_profile(alice, {"display_name": "Alice A."})
    assert topics(record) == [f"user:{alice.pk}"]
    assert announcements.announce_next()
    assert topics(record) == ["room:0", *(f"room:{pk}" for pk in sorted([closed.pk, open_room.pk, direct.pk]))]
    assert not announcements.announce_next()
    assert not Announcement.objects.exists()


def test_many_rooms_are_told_in_several_steps_each_once(
    recorder: Any, steps: None, monkeypatch: pytest.MonkeyPatch, alice: User
) -> None:
    monkeypatch.setattr(announcements, "MAX_TOLD_ROOMS", 2)
    rooms = [create_room(alice, [], name="A", kind=Kind.CLOSED) for _ in range(4)]
    record = recorder()
    update_profile(alice, {"display_name": "Alice A."})
    update_profile(alice, {"display_name": "Alice B."})
    record.events()
    announcements.announce_all()
    told = topics(record)
    assert sorted(told) == sorted(["room:0", *(room.topic for room in rooms)] * 2)


def test_a_deleted_person_is_told_as_such_to_every_room_they_were_in(
    recorder: Any, steps: None, alice: User, bob: User, closed: Room
) -> None:
    direct, _ = open_direct_room(alice, bob)
    record = recorder()
    delete_user(alice)
    exclusions.settle_all()
    announcements.announce_all()
    events = record.events()
    told = [topic for topic, event, _ in events if event == "user.updated"]
    assert set(told) == {f"user:{alice.pk}", "room:0", closed.topic, direct.topic}
    of_room = [event for topic, event, _ in events if topic == closed.topic]
    assert of_room.index("user.updated") < of_room.index("member.removed")
    assert {body["username"] for _, event, body in events if event == "user.updated"} == {f"deleted {alice.pk}"}


def test_a_change_that_nobody_sees_is_told_to_nobody(recorder: Any, alice: User, closed: Room) -> None:
    record = recorder()
    update_profile(alice, {"email": "new@example.com"})
    assert record.rows() == []
    assert not Announcement.objects.exists()


def test_of_a_new_person_only_they_themselves_hear(recorder: Any, alice: User) -> None:
    record = recorder()
    newcomer = create_user("newcomer")
    assert topics(record, "user.created") == [f"user:{newcomer.pk}"]


def test_without_general_a_wide_directory_is_told_to_everybody(recorder: Any, settings: Any, alice: User) -> None:
    settings.CHAT_DIRECTORY, settings.CHAT_GENERAL = "everybody", False
    record = recorder()
    update_profile(alice, {"display_name": "Alice A."})
    create_user("newcomer")
    assert [topic for topic, _, _ in record.events()] == ["people", "people"]

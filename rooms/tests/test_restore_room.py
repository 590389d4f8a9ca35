"""Owners and staff restore an archived room, and its members hear it and write again."""

from typing import Any

import pytest

from chats.actions.messages import send_message
from rooms.actions.moderation import restore_room
from rooms.actions.rooms import archive_room, create_room
from rooms.models import Kind, Membership, Room
from users.models import User


def url(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/"


@pytest.fixture
def archived(alice: User, closed: Room) -> Room:
    return archive_room(Membership.objects.select_related("room").get(room=closed, user=alice))


def test_an_owner_finds_and_restores_it_and_its_members_write_again(
    api_of: Any, recorder: Any, alice: User, bob: User, archived: Room, django_assert_num_queries: Any
) -> None:
    mine = api_of(alice).get("/api/v1/rooms/?archived=true").json()["results"]
    assert archived.pk in [room["id"] for room in mine if room["archived_at"]]
    record = recorder()
    with django_assert_num_queries(13):
        answer = api_of(alice).patch(url(archived), {"archived": False, "name": "Again"}, "json")
    shown = answer.json()
    assert (answer.status_code, shown["archived_at"], shown["name"]) == (200, None, "Again")
    _, (topic, event, body) = record.events()
    assert (topic, event) == (archived.topic, "room.updated")
    assert body.items() <= shown.items()
    send_message(bob, archived.pk, "here again")


def test_nobody_else_does(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, dana: User, archived: Room
) -> None:
    record = recorder()
    for person, status in ((bob, 403), (dana, 403), (charlie, 404)):
        assert api_of(person).patch(url(archived), {"archived": False}, "json").status_code == status
    answer = api_of(alice).patch(url(archived), {"archived": True, "name": "x"}, "json")
    assert (answer.status_code, answer.json()["code"]) == (403, "room_archived")
    assert record.rows() == []


def test_archiving_by_a_change_is_archiving(api_of: Any, recorder: Any, alice: User, dana: User, closed: Room) -> None:
    assert api_of(dana).patch(url(closed), {"archived": True}, "json").status_code == 403
    record = recorder()
    assert api_of(alice).patch(url(closed), {"archived": False}, "json").status_code == 200
    assert record.rows() == []
    answer = api_of(alice).patch(url(closed), {"archived": True, "name": "The end"}, "json")
    assert answer.json()["archived_at"] is not None
    assert [event for _, event, _ in record.events()] == ["message.created", "room.updated", "room.archived"]


def test_a_restored_room_counts_as_one_of_the_owners(api_of: Any, alice: User, archived: Room, settings: Any) -> None:
    settings.CHAT_MAX_ROOMS = 1
    create_room(alice, [], name="one", kind=Kind.CLOSED)
    answer = api_of(alice).patch(url(archived), {"archived": False}, "json")
    assert (answer.status_code, answer.json()["code"]) == (403, "too_many_rooms")
    archived.refresh_from_db()
    assert archived.archived_at is not None


def test_staff_restore_it_and_it_has_an_owner_again(
    recorder: Any, charlie: User, dana: User, archived: Room, role_of: Any
) -> None:
    Membership.objects.filter(room=archived, role="owner").delete()
    record = recorder()
    restore_room(charlie, archived)
    assert role_of(archived, dana) == "owner"
    assert [event for _, event, _ in record.events()] == ["room.updated", "member.updated"]

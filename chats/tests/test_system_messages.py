"""A room says what people did in it: who came, who went, its new name. As data, without anybody's name."""

from collections.abc import Callable
from typing import Any

import pytest

from chats.actions.messages import send_message
from chats.models import Message
from chatserver.tests.harness.history import history, room_url
from rooms.actions import exclusions
from rooms.actions.external_rooms import put_room
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import Kind, Membership, Room
from users.actions.people import ban_user, create_user, delete_user
from users.models import User

CHATS = "/api/v1/chats/"


def said(record: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Topic, text and data of each system message that was told."""
    messages = [(topic, body) for topic, event, body in record.events() if event == "message.created"]
    return [(topic, body["message"], body["metadata"]) for topic, body in messages if body["kind"] == "system"]


def test_a_new_name_is_told_with_the_body_that_rest_shows(
    api_of: Any, recorder: Any, alice: User, bob: User, closed: Room
) -> None:
    send_message(alice, closed.pk, "hello")
    record = recorder()
    assert api_of(alice).patch(room_url(closed), {"name": "Tea", "description": "d"}, "json").status_code == 200
    (topic, event, body), *_ = record.events()
    shown = history(api_of(bob), closed)[-1]
    assert (topic, event, body | {"reactions": [], "thread": None}) == (closed.topic, "message.created", shown)
    assert (shown["kind"], shown["sent_by"], shown["sender"]["username"]) == ("system", alice.pk, "alice")
    assert (shown["message"], shown["metadata"]) == (
        "renamed the room to “Tea”",
        {"action": "room_renamed", "name": "Tea"},
    )
    assert (shown["seq"], shown["main_seq"], shown["place"], shown["received_by"]) == (2, 1, 2, None)
    api_of(alice).patch(room_url(closed), {"name": "Tea", "description": "other"}, "json")
    assert said(record) == []


def test_who_comes_and_goes_is_told_once_for_an_action(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, open_room: Room
) -> None:
    record, members = recorder(), f"{room_url(open_room)}members/"
    crowd = [create_user(f"crowd{number}").pk for number in range(3)]
    api_of(charlie).post(members, {"user_id": charlie.pk}, "json")
    api_of(alice).post(members, {"user_ids": crowd}, "json")
    api_of(bob).delete(f"{members}{bob.pk}/")
    api_of(alice).delete(f"{members}{charlie.pk}/")
    people = [[charlie.pk], crowd, [bob.pk], [charlie.pk]]
    done = ["member_joined", "members_added", "member_left", "member_removed"]
    texts = ["joined the room", "added 3 people to the room", "left the room", "removed 1 person from the room"]
    assert said(record) == [
        (open_room.topic, text, {"action": action, "user_ids": ids, "count": len(ids)})
        for text, action, ids in zip(texts, done, people, strict=True)
    ]
    assert list(Message.objects.order_by("seq").values_list("sender", flat=True)) == [
        charlie.pk,
        alice.pk,
        bob.pk,
        alice.pk,
    ]
    assert history(api_of(alice), open_room)[0]["seq"] == 1
    assert api_of(charlie).get(f"{room_url(open_room)}messages/").status_code == 403


def test_of_many_people_a_hundred_are_named(recorder: Any, alice: User) -> None:
    shop = create_user("shop")
    put_room(shop, "order", {"name": "Order"}, [alice.pk], exact=False)
    crowd = [create_user(f"crowd{number}").pk for number in range(101)]
    record = recorder()
    put_room(shop, "order", {}, crowd, exact=True)
    (_, _, added), (_, _, removed) = said(record)
    assert (added["count"], added["user_ids"]) == (101, crowd[:100])
    assert removed == {"action": "member_removed", "user_ids": [alice.pk], "count": 1}


def test_nothing_is_told_of_a_new_room_of_general_of_direct_rooms_and_of_those_who_are_deleted(
    recorder: Any, alice: User, bob: User, closed: Room
) -> None:
    record = recorder()
    create_room(alice, [bob], name="other", kind=Kind.CLOSED)
    open_direct_room(alice, bob)
    create_user("somebody new")
    delete_user(bob)
    ban_user(alice)
    exclusions.settle_all()
    assert not Membership.objects.filter(room=closed, user=bob).exists()
    assert said(record) == []


def test_nothing_is_written_in_an_archived_room_whoever_leaves_it(
    api_of: Any, recorder: Any, alice: User, bob: User, closed: Room, open_room: Room
) -> None:
    api_of(alice).delete(room_url(closed))
    record = recorder()
    for room, leaver in ((closed, bob), (closed, alice), (open_room, alice)):  # the last one archives it by that
        assert api_of(leaver).delete(f"{room_url(room)}members/{leaver.pk}/").status_code == 204
    open_room.refresh_from_db()
    assert open_room.archived_at is not None
    assert said(record) == []
    assert not Message.objects.exists()


CHANGES: dict[str, Callable[[Any, Message], Any]] = {
    "edit": lambda client, note: client.patch(f"/api/v1/messages/{note.pk}/", {"message": "no"}, "json"),
    "react": lambda client, note: client.put(f"/api/v1/messages/{note.pk}/reactions/\N{THUMBS UP SIGN}/"),
    "pin": lambda client, note: client.put(f"/api/v1/messages/{note.pk}/pin/"),
    "follow": lambda client, note: client.put(f"/api/v1/messages/{note.pk}/follow/"),
    "reply": lambda client, note: client.post(
        CHATS, {"room_id": note.room_id, "message": "no", "parent_id": note.pk}, "json"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_can_not_be_changed_or_answered(
    api_of: Any, recorder: Any, alice: User, charlie: User, note: Message, change: str
) -> None:
    record = recorder()
    answer = CHANGES[change](api_of(alice), note)
    assert (answer.status_code, answer.json()["code"]) == (409, "system_message")
    assert CHANGES[change](api_of(charlie), note).status_code == 404
    assert record.rows() == []


def test_moderators_remove_it_and_who_did_it_does_not(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, open_room: Room
) -> None:
    api_of(charlie).post(f"{room_url(open_room)}members/", {"user_id": charlie.pk}, "json")
    note = Message.objects.get(room=open_room)
    for person in (charlie, bob):
        assert api_of(person).delete(f"/api/v1/messages/{note.pk}/").status_code == 403
    record = recorder()
    assert api_of(alice).delete(f"/api/v1/messages/{note.pk}/").status_code == 204
    ((_, event, body),) = record.events()
    assert (event, body["kind"], body["message"], body["metadata"]) == ("message.deleted", "system", "", {})
    assert history(api_of(bob), open_room)[0]["removed_at"] is not None


def test_it_names_nobody_so_that_a_deletion_leaves_nothing_behind(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, closed: Room
) -> None:
    record = recorder()
    api_of(alice).post(f"{room_url(closed)}members/", {"user_id": charlie.pk}, "json")
    api_of(alice).delete(f"{room_url(closed)}members/{bob.pk}/")
    rows = [row for row in record.rows() if row.type == "message.created"]
    assert len(rows) == 2
    for row in rows:
        assert row.actor_id == alice.pk
        assert not any(name in row.body for name in ("bob", "charlie"))

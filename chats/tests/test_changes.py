"""Messages are edited and removed by those who may, and events and the log show the new state alone."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chats.actions import changes
from chats.actions.messages import send_message
from chats.models import Message
from chatserver.tests.harness.service import Service
from rooms.actions.members import remove_member
from rooms.actions.rooms import archive_room
from rooms.models import Membership, Role, Room
from users.models import User


@pytest.fixture
def message(alice: User, closed: Room) -> Message:
    return send_message(alice, closed.pk, "hello")[0]


def path_of(message: Message) -> str:
    return f"/api/v1/messages/{message.pk}/"


def test_one_message(api_of: Any, bob: User, message: Message, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        shown = api_of(bob).get(path_of(message)).json()
    assert (shown["message"], shown["version"], shown["edited_at"]) == ("hello", 1, None)


def test_its_sender_edits_it(
    api_of: Any, recorder: Any, alice: User, bob: User, message: Message, django_assert_num_queries: Any
) -> None:
    record = recorder()
    with django_assert_num_queries(10):
        answer = api_of(alice).patch(path_of(message), {"message": "hello, all", "version": 1}, "json")
    shown = answer.json()
    assert (answer.status_code, shown["message"], shown["version"], shown["seq"]) == (200, "hello, all", 2, message.seq)
    assert shown["edited_at"].endswith("Z")
    assert api_of(bob).get(path_of(message)).json() == shown
    assert api_of(bob).get(f"/api/v1/rooms/{message.room_id}/messages/").json()["results"] == [shown]
    del shown["reactions"], shown["thread"]
    assert record.events() == [(message.room.topic, "message.updated", shown)]


def test_the_text_that_it_has_changes_nothing(api_of: Any, recorder: Any, alice: User, message: Message) -> None:
    record = recorder()
    shown = api_of(alice).patch(path_of(message), {"message": "hello"}, "json").json()
    assert (shown["version"], shown["edited_at"]) == (1, None)
    assert record.events() == []


def test_an_edit_of_an_old_version_overwrites_nobodys(
    api_of: Any, recorder: Any, alice: User, message: Message
) -> None:
    api_of(alice).patch(path_of(message), {"message": "first", "version": None}, "json")
    record = recorder()
    answer = api_of(alice).patch(path_of(message), {"message": "second", "version": 1}, "json")
    assert (answer.status_code, answer.json()["code"]) == (412, "version_mismatch")
    assert record.events() == []
    message.refresh_from_db()
    assert message.text == "first"


def test_fifty_edits_are_the_most(api_of: Any, alice: User, message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(edits_count=changes.MAX_EDITS - 1)
    assert api_of(alice).patch(path_of(message), {"message": "the last"}, "json").status_code == 200
    refused = api_of(alice).patch(path_of(message), {"message": "one more"}, "json")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_edits")
    assert api_of(alice).delete(path_of(message)).status_code == 204


@pytest.mark.parametrize("text", ["", "   ", "\u3164", "x" * 4001, None, 5])
def test_a_text_that_could_not_be_sent_is_refused(api_of: Any, alice: User, message: Message, text: Any) -> None:
    assert api_of(alice).patch(path_of(message), {"message": text}, "json").status_code == 400
    message.refresh_from_db()
    assert (message.text, message.version) == ("hello", 1)


@pytest.mark.parametrize("role", Role.values)
def test_nobody_edits_what_another_wrote(api_of: Any, recorder: Any, bob: User, message: Message, role: str) -> None:
    Membership.objects.filter(room=message.room, user=bob).update(role=role)
    record = recorder()
    answer = api_of(bob).patch(path_of(message), {"message": "I am alice"}, "json")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert record.events() == []


def test_a_removed_message_stays_so(api_of: Any, recorder: Any, alice: User, message: Message) -> None:
    assert api_of(alice).delete(path_of(message)).status_code == 204
    record = recorder()
    answer = api_of(alice).patch(path_of(message), {"message": "back again"}, "json")
    assert (answer.status_code, answer.json()["code"]) == (409, "message_removed")
    assert api_of(alice).delete(path_of(message)).status_code == 204
    assert record.events() == []
    shown = api_of(alice).get(path_of(message)).json()
    assert (shown["message"], shown["version"]) == ("", 2)


def test_in_an_archived_room_nothing_is_edited_but_one_may_take_back(
    api_of: Any, alice: User, message: Message
) -> None:
    archive_room(Membership.objects.select_related("room", "user").get(room=message.room, user=alice))
    answer = api_of(alice).patch(path_of(message), {"message": "later"}, "json")
    assert (answer.status_code, answer.json()["code"]) == (403, "room_archived")
    assert api_of(alice).delete(path_of(message)).status_code == 204


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("moderator", 204), ("owner", 204)])
def test_moderators_and_owners_remove_anybodys(
    api_of: Any, recorder: Any, bob: User, message: Message, role: str, status: int
) -> None:
    Membership.objects.filter(room=message.room, user=bob).update(role=role)
    record = recorder()
    assert api_of(bob).delete(path_of(message)).status_code == status
    assert [event for _, event, _ in record.events()] == ["message.deleted"] * (status == 204)


def test_who_was_removed_from_the_room_changes_nothing(
    api_of: Any, recorder: Any, alice: User, bob: User, closed: Room
) -> None:
    theirs = send_message(bob, closed.pk, "mine")[0]
    members = Membership.objects.select_related("room", "user").filter(room=closed)
    remove_member(members.get(user=alice), members.get(user=bob))
    record = recorder()
    for method in ("get", "patch", "delete"):
        answer = getattr(api_of(bob), method)(path_of(theirs), {"message": "x"} if method == "patch" else None, "json")
        assert (answer.status_code, answer.json()["code"]) == (404, "message_not_found"), method
    assert record.events() == []


def test_an_edited_away_text_is_in_no_answer(service: Service) -> None:
    alice, bob = service.people(2)
    room = alice.make_room(bob)
    listening = bob.listen()
    start = listening.named("hello")[0].id
    secret = alice.send_text("a telephone number", room)
    listening.wait("message.created")
    path = f"/api/v1/messages/{secret['id']}/"
    edited = alice.patch(path, json={"message": "nothing"}).json()
    del edited["reactions"], edited["thread"]
    assert listening.wait("message.updated").data["data"] == edited
    replay = bob.listen(start)
    replay.wait("message.updated")
    assert [event.data["data"] for event in replay.named("message.created")] == [edited]
    (stored,) = service.sql("SELECT string_agg(body, '') FROM events_event WHERE room_id = %s", room)
    answers = [bob.get("/api/v1/events/", params={"after": start}).text, bob.get("/api/v1/rooms/").text, stored[0]]
    assert not [answer for answer in answers if "telephone" in answer]


def test_a_message_that_is_sent_again_after_an_edit_is_the_same(api_of: Any, alice: User, closed: Room) -> None:
    body = {"room_id": closed.pk, "message": "hello", "client_message_id": "one"}
    sent = api_of(alice).post("/api/v1/chats/", body, "json").json()
    api_of(alice).patch(f"/api/v1/messages/{sent['id']}/", {"message": "hello, all"}, "json")
    again = api_of(alice).post("/api/v1/chats/", body, "json")
    assert (again.status_code, again.json()["message"], again.json()["version"]) == (200, "hello, all", 2)


def test_edits_at_the_same_moment_each_count_once(granian: Service) -> None:
    (alice,) = granian.people()
    room = alice.make_room()
    message = alice.send_text("first", room)
    path = f"/api/v1/messages/{message['id']}/"
    with ThreadPoolExecutor(8) as pool:
        guarded = [pool.submit(alice.patch, path, json={"message": f"a{n}", "version": 1}) for n in range(4)]
        free = [pool.submit(alice.patch, path, json={"message": f"b{n}"}) for n in range(4)]
        statuses = [each.result().status_code for each in guarded]
        versions = [each.result().json()["version"] for each in free]
    won = statuses.count(200)
    assert (won <= 1, statuses.count(412)) == (True, 4 - won)
    assert len(set(versions)) == 4
    assert alice.get(path).json()["version"] == 1 + 4 + won

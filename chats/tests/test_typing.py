"""Typing is announced to those in the room, and kept nowhere."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils import timezone

from chats.actions.changes import remove_own_message
from chats.actions.messages import send_message
from chats.actions.typing import LARGEST_TYPING_ROOM
from chats.models import Message
from chats.typing_pauses import TYPING_SHOWN_SECONDS
from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.typing import Told, later, url
from rooms.models import Room
from users.models import User


def test_members_say_that_they_type_and_outsiders_can_not(
    api_of: Any,
    recorder: Any,
    typing_told: Told,
    bob: User,
    charlie: User,
    closed: Room,
    django_assert_num_queries: Any,
) -> None:
    record = recorder()
    with django_assert_num_queries(1):
        assert api_of(bob).post(url(closed)).status_code == 204
    with django_assert_num_queries(1):
        assert api_of(bob).delete(url(closed)).status_code == 204
    assert typing_told == [("typing.started", None, bob.pk), ("typing.stopped", None, bob.pk)]
    for method in ("post", "delete"):
        assert_problem(getattr(api_of(charlie), method)(url(closed)), 404, "not_found")
    assert (record.rows(), len(typing_told)) == ([], 2)


def test_in_a_thread_members_say_so_and_outsiders_can_not(
    api_of: Any,
    typing_told: Told,
    bob: User,
    charlie: User,
    closed: Room,
    open_room: Room,
    root: Message,
    django_assert_num_queries: Any,
) -> None:
    reply = send_message(bob, closed.pk, "a reply", parent_id=root.pk)[0]
    elsewhere = send_message(bob, open_room.pk, "elsewhere")[0]
    with django_assert_num_queries(2):
        assert api_of(bob).post(url(closed), {"parent_id": root.pk}, "json").status_code == 204
    with django_assert_num_queries(2):
        assert api_of(bob).delete(url(closed, root.pk)).status_code == 204
    assert typing_told == [("typing.started", root.pk, bob.pk), ("typing.stopped", root.pk, bob.pk)]

    def answers(client: Any, parent_id: Any) -> Iterator[Any]:
        yield client.post(url(closed), {"parent_id": parent_id}, "json")
        yield client.delete(url(closed, parent_id))

    for parent_id, status, code in (
        (reply.pk, 400, "invalid"),
        (elsewhere.pk, 404, "message_not_found"),
        (999_999_999, 404, "message_not_found"),
        ("x", 400, "invalid"),
    ):
        for answer in answers(api_of(bob), parent_id):
            assert_problem(answer, status, code)
    for answer in answers(api_of(charlie), root.pk):
        assert_problem(answer, 404, "not_found")
    assert len(typing_told) == 2


def test_nobody_types_where_nobody_may_reply(
    api_of: Any, typing_told: Told, alice: User, bob: User, closed: Room, root: Message
) -> None:
    renamed = api_of(alice).patch(f"/api/v1/rooms/{closed.pk}/", {"name": "Renamed"}, "json")
    assert renamed.status_code == 200
    system = Message.objects.get(room=closed, is_system=True)
    remove_own_message(root.sender, root)
    for parent, code in ((system, "system_message"), (root, "message_removed")):
        assert_problem(api_of(bob).post(url(closed), {"parent_id": parent.pk}, "json"), 409, code)
        assert api_of(bob).delete(url(closed, parent.pk)).status_code == 204
    assert typing_told == []


def test_null_is_the_room_itself(api_of: Any, typing_told: Told, bob: User, closed: Room) -> None:
    assert api_of(bob).post(url(closed), {"parent_id": None}, "json").status_code == 204
    assert typing_told == [("typing.started", None, bob.pk)]


def test_in_large_rooms_nobody_hears_it(api_of: Any, typing_told: Told, bob: User, closed: Room) -> None:
    for count, heard in ((LARGEST_TYPING_ROOM, 2), (LARGEST_TYPING_ROOM + 1, 2)):
        Room.objects.filter(pk=closed.pk).update(members_count=count)
        later(closed, bob, TYPING_SHOWN_SECONDS)
        assert api_of(bob).post(url(closed)).status_code == 204
        assert api_of(bob).delete(url(closed)).status_code == 204
        assert len(typing_told) == heard


def test_nobody_types_in_an_archived_room(api_of: Any, typing_told: Told, bob: User, closed: Room) -> None:
    Room.objects.filter(pk=closed.pk).update(archived_at=timezone.now())
    assert_problem(api_of(bob).post(url(closed)), 403, "room_archived")
    assert typing_told == []


def test_it_reaches_the_room_without_an_id_and_nobody_else(granian: Service) -> None:
    alice, bob, charlie = granian.people(3)
    room = alice.make_room(bob)
    hears, stranger = bob.listen(), charlie.listen()
    before = hears.last_event_id
    path = f"/api/v1/rooms/{room}/typing/"
    announce: dict[str, Callable[[], Any]] = {
        "typing.started": lambda: alice.post(path),
        "typing.stopped": lambda: alice.delete(path),
    }
    for name, call in announce.items():
        assert call().status_code == 204
        event = hears.wait(name, lambda data: data["room_id"] == room)
        more = {"expires_in": TYPING_SHOWN_SECONDS} if name == "typing.started" else {}
        assert event.data["data"] == {"room_id": room, "parent_id": None, "user_id": alice.id, **more}
        assert "position" not in event.data
        assert int(event.id or "") >= int(before or "")
    after = alice.send_text("said")
    stranger.wait("message.created", lambda data: data["data"]["id"] == after["id"])
    assert all(stranger.named(name) == [] for name in announce)


def test_it_is_announced_in_the_room_where_one_types(granian: Service) -> None:
    alice, bob = granian.people(2)
    room, other = alice.make_room(bob), alice.make_room(bob)
    hears = bob.listen()

    def type_in(person: Client, room_id: int) -> None:
        assert person.post(f"/api/v1/rooms/{room_id}/typing/").status_code == 204

    for _ in range(3):
        type_in(alice, room)
    type_in(alice, other)
    type_in(bob, room)
    marker = alice.send_text("so far", room)
    hears.wait("message.created", lambda data: data["data"]["id"] == marker["id"])
    heard = [(event.data["room_id"], event.data["data"]["user_id"]) for event in hears.named("typing.started")]
    assert sorted(heard) == sorted([(room, alice.id), (other, alice.id), (room, bob.id)])

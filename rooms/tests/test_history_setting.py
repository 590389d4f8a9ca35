"""What newcomers see of a room is fixed when they join it, by its `history` then, whatever way they come in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from chats.actions.messages import send_message
from chatserver.events.models import Kind as RowKind
from chatserver.events.models import Subscription
from chatserver.events.sequencer import sequence
from rooms.actions.external_rooms import enter_claimed_rooms, put_room
from rooms.actions.invitations import accept_invitation, invite_person, make_link
from rooms.actions.join_requests import ask_to_join
from rooms.actions.members import add_members, join_room, remove_member
from rooms.actions.moderation import add_member
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import Kind, Membership, Room
from users.models import User

FROM_JOINING = {"history": "from_joining"}


def url(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/"


def of(room: Room, user: User) -> Membership:
    return Membership.objects.select_related("room", "user").get(room=room, user=user)


@pytest.fixture
def room(alice: User, dana: User, bob: User) -> Room:
    """With two messages."""
    made = create_room(alice, [dana, bob], name="Launch", kind=Kind.OPEN, history="from_joining", external_id="launch")
    for text in ("one", "two"):
        send_message(bob, made.pk, text)
    return made


def by_link(room: Room, alice: User, charlie: User) -> None:
    accept_invitation(charlie, make_link(of(room, alice))[0])


def by_request(room: Room, alice: User, charlie: User) -> None:
    Room.objects.filter(pk=room.pk).update(kind=Kind.CLOSED, join_requests=True)
    ask_to_join(charlie, room, "Please.")
    add_members(of(room, alice), [charlie])


WAYS: dict[str, Callable[[Room, User, User], object]] = {
    "joins": lambda room, alice, charlie: join_room(charlie, room),
    "is added": lambda room, alice, charlie: add_members(of(room, alice), [charlie]),
    "accepts an invitation": lambda room, alice, charlie: accept_invitation(
        charlie, invite_person(of(room, alice), charlie)[0]
    ),
    "comes by a link": by_link,
    "asks to join": by_request,
    "is put there by the host": lambda room, alice, charlie: put_room(alice, "launch", {}, [charlie.pk], exact=False),
    "claims it by a token": lambda room, alice, charlie: enter_claimed_rooms(charlie, [{"id": "launch", "name": "x"}]),
    "is added by staff": lambda room, alice, charlie: add_member(alice, room, charlie),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_newcomer_begins_with_the_next_message(
    way: str, recorder: Any, room: Room, alice: User, charlie: User
) -> None:
    record = recorder()
    WAYS[way](room, alice, charlie)
    assert of(room, charlie).visible_from_seq == 3
    (begun,) = [row for row in record.rows() if row.kind == RowKind.SUBSCRIBE]
    assert (begun.topic, begun.user_ids, begun.about_seq) == (room.topic, [charlie.pk], 3)
    sequence()
    assert Subscription.objects.get(topic=room.topic, user_id=charlie.pk).visible_from_seq == 3


@pytest.mark.parametrize("way", WAYS)
def test_without_the_setting_a_newcomer_sees_everything(way: str, room: Room, alice: User, charlie: User) -> None:
    Room.objects.filter(pk=room.pk).update(history="all")
    WAYS[way](room, alice, charlie)
    assert of(room, charlie).visible_from_seq == 0
    sequence()
    assert Subscription.objects.get(topic=room.topic, user_id=charlie.pk).visible_from_seq == 0


def test_the_first_members_see_everything_and_who_comes_back_joins_anew(room: Room, bob: User, alice: User) -> None:
    assert set(Membership.objects.filter(room=room).values_list("visible_from_seq", flat=True)) == {0}
    put_room(alice, "fresh", {"name": "Fresh"} | FROM_JOINING, [bob.pk], exact=False)
    assert of(Room.objects.get(external_id="fresh"), bob).visible_from_seq == 0
    remove_member(of(room, bob), of(room, bob))
    join_room(bob, room)
    assert of(room, bob).visible_from_seq == 4


def test_an_owner_changes_it_for_those_who_join_later(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, dana: User, open_room: Room
) -> None:
    send_message(bob, open_room.pk, "hai")
    record = recorder()
    for person, status in ((charlie, 403), (bob, 403), (dana, 403), (alice, 200)):
        assert api_of(person).patch(url(open_room), FROM_JOINING, "json").status_code == status
    ((topic, event, body),) = record.events()
    assert (topic, event, body["history"]) == (open_room.topic, "room.updated", "from_joining")
    assert api_of(bob).get(url(open_room)).json().items() >= {"history": "from_joining", "visible_from_seq": 0}.items()
    join_room(charlie, open_room)
    listed = api_of(charlie).get("/api/v1/rooms/").json()["results"]
    (mine,) = [each for each in listed if each["id"] == open_room.pk]
    assert (mine["history"], mine["visible_from_seq"], mine["last_message"]["seq"]) == ("from_joining", 2, 2)
    assert api_of(charlie).get(url(open_room)).json() == mine
    assert api_of(alice).patch(url(open_room), {"history": "all"}, "json").json()["history"] == "all"
    assert of(open_room, charlie).visible_from_seq == 2


def test_a_room_is_made_with_it_and_direct_rooms_and_general_have_none(
    api_of: Any, alice: User, bob: User, dana: User
) -> None:
    made = api_of(alice).post("/api/v1/rooms/", {"name": "News", "members": [bob.pk]} | FROM_JOINING, "json")
    assert (made.status_code, made.json()["history"], made.json()["visible_from_seq"]) == (201, "from_joining", 0)
    assert api_of(alice).post("/api/v1/rooms/", {"name": "News", "history": "some"}, "json").status_code == 400
    direct, _ = open_direct_room(alice, bob)
    for room in (direct, Room.objects.get(pk=0)):
        assert api_of(alice).patch(url(room), FROM_JOINING, "json").status_code == 403
        assert Room.objects.get(pk=room.pk).history == "all"
    with pytest.raises(IntegrityError, match="rooms_room_history"):
        Room.objects.filter(pk=direct.pk).update(history="some")

"""System messages stand in the history of a room, and nobody has them unread or is told of them."""

from typing import Any

from chats.actions.messages import send_message
from chats.actions.notifications import recipients_of
from chats.models import Message
from chatserver.tests.harness.history import history, room_url
from rooms.actions.rooms import create_room
from rooms.models import Kind, Membership, Room
from users.models import User

CHATS = "/api/v1/chats/"


def test_nobody_has_it_unread_or_is_told_of_it_and_rooms_stay_where_they_are(
    api_of: Any, alice: User, bob: User, closed: Room, note: Message
) -> None:
    other = create_room(alice, [bob], name="other", kind=Kind.CLOSED)
    hello, _ = send_message(alice, closed.pk, "hello")
    assert [told.message_id for told in recipients_of([note.pk, hello.pk])] == [hello.pk]
    send_message(alice, other.pk, "hello")
    before = api_of(bob).get("/api/v1/rooms/").json()["results"]
    api_of(alice).patch(room_url(closed), {"name": "Coffee"}, "json")
    after = api_of(bob).get("/api/v1/rooms/").json()["results"]
    assert [room["id"] for room in after] == [room["id"] for room in before]
    told = {room["id"]: room for room in after}[closed.pk]
    assert (told["unread"], told["last_seq"], told["main_seq"]) == (1, 3, 1)
    assert told["last_message"]["metadata"] == {"action": "room_renamed", "name": "Coffee"}
    assert api_of(bob).get("/api/v1/unread/").json()["total"] == 2
    assert api_of(bob).put(f"{room_url(closed)}read-marker/", {"seq": 2}, "json").json()["unread"] == 0
    assert not Membership.objects.get(room=closed, user=bob).has_written


def test_unread_from_a_system_message_are_the_texts_after_it(
    api_of: Any, alice: User, bob: User, closed: Room, note: Message
) -> None:
    for text in ("one", "two"):
        send_message(alice, closed.pk, text)
    api_of(bob).put(f"{room_url(closed)}read-marker/", {"seq": 3}, "json")
    marker = api_of(bob).put(f"{room_url(closed)}read-marker/", {"unread_from": note.pk}, "json").json()
    assert (marker["seq"], marker["read_main_seq"], marker["unread"]) == (0, 0, 2)


def test_who_joins_has_nothing_unread_and_slow_mode_does_not_count_it(
    api_of: Any, alice: User, charlie: User, open_room: Room
) -> None:
    send_message(alice, open_room.pk, "hello")
    Room.objects.filter(pk=open_room.pk).update(slow_mode_seconds=60)
    api_of(charlie).post(f"{room_url(open_room)}members/", {"user_id": charlie.pk}, "json")
    assert api_of(charlie).get(room_url(open_room)).json()["unread"] == 0
    answer = api_of(charlie).post(CHATS, {"room_id": open_room.pk, "message": "hai"}, "json")
    assert (answer.status_code, answer.json()["seq"], answer.json()["main_seq"], answer.json()["place"]) == (
        201,
        3,
        2,
        3,
    )


def test_pages_have_system_messages_and_no_gaps_among_replies(
    api_of: Any, alice: User, bob: User, closed: Room
) -> None:
    """Texts, replies and system messages in turns: a page from any message has what stands next in the history."""
    root, _ = send_message(alice, closed.pk, "root")
    for number in range(6):
        api_of(alice).patch(room_url(closed), {"name": f"name {number}"}, "json")
        send_message(alice, closed.pk, f"reply {number}", parent_id=root.pk)
        send_message(alice, closed.pk, f"text {number}")
    whole = history(api_of(bob), closed)
    assert [message["kind"] for message in whole] == ["text", *["system", "text"] * 6]
    assert [message["place"] for message in whole] == list(range(1, 14))
    assert [message["main_seq"] for message in whole] == [*(number for number in range(1, 7) for _ in range(2)), 7]
    ids = [message["id"] for message in whole]
    for index, key in enumerate(ids):
        assert [each["id"] for each in history(api_of(bob), closed, f"?after={key}&limit=3")] == ids[
            index + 1 : index + 4
        ]
        before = ids[max(0, index - 3) : index]
        assert [each["id"] for each in history(api_of(bob), closed, f"?before={key}&limit=3")] == before
        around = history(api_of(bob), closed, f"?around_seq={whole[index]['seq']}&limit=3")
        assert key in [each["id"] for each in around]
    last = api_of(bob).get(f"{room_url(closed)}messages/?limit=13").json()
    assert (last["next"], last["previous"]) == (None, None)


def test_the_old_lists_have_what_people_wrote_and_count_that(
    api_of: Any, alice: User, bob: User, closed: Room, note: Message
) -> None:
    written = [send_message(alice, closed.pk, text)[0].pk for text in ("one", "two", "three")]
    pages = [api_of(bob).get(f"{CHATS}?room_id={closed.pk}&page_size=2&page={number}") for number in (1, 2, 3)]
    assert [[message["id"] for message in page.json()["messages"]] for page in pages[:2]] == [
        written[:0:-1],
        written[:1],
    ]
    assert (pages[0].json()["meta"]["count"], pages[2].status_code) == (3, 404)

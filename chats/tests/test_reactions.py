"""Reactions: once for each person and emoji, exact counts, events with them, and none at a message that was removed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from chats.actions.messages import send_message
from chats.models import Message, Reaction
from chatserver.tests.harness.service import Service
from rooms.actions.rooms import archive_room
from rooms.models import Membership, Room
from users.models import User

THUMB, HEART, HEART_AS_TEXT = "\N{THUMBS UP SIGN}", "\N{HEAVY BLACK HEART}\ufe0f", "\N{HEAVY BLACK HEART}"


@pytest.fixture
def message(alice: User, closed: Room) -> Message:
    return send_message(alice, closed.pk, "hello")[0]


def path_of(message: Message | int, emoji: str = "") -> str:
    number = message if isinstance(message, int) else message.pk
    return f"/api/v1/messages/{number}/reactions/" + (f"{quote(emoji)}/" if emoji else "")


def test_people_react_and_take_it_back(
    api_of: Any, recorder: Any, alice: User, bob: User, message: Message, django_assert_num_queries: Any
) -> None:
    record = recorder()
    with django_assert_num_queries(9):
        assert api_of(alice).put(path_of(message, THUMB)).status_code == 204
    for person, emoji in ((bob, THUMB), (bob, HEART_AS_TEXT), (bob, HEART), (alice, THUMB)):
        assert api_of(person).put(path_of(message, emoji)).status_code == 204
    body = {"message_id": message.pk, "room_id": message.room_id, "seq": message.seq}
    assert record.events() == [
        (message.room.topic, "reaction.added", body | {"user_id": person.pk, "emoji": emoji, "count": count})
        for person, emoji, count in ((alice, THUMB, 1), (bob, THUMB, 2), (bob, HEART, 1))
    ]
    shown = [{"emoji": THUMB, "count": 2, "mine": True}, {"emoji": HEART, "count": 1, "mine": False}]
    assert api_of(alice).get(f"/api/v1/messages/{message.pk}/").json()["reactions"] == shown
    with django_assert_num_queries(2):
        (found,) = api_of(alice).get(f"/api/v1/rooms/{message.room_id}/messages/").json()["results"]
    assert found["reactions"] == shown
    page = api_of(bob).get(path_of(message), {"limit": 2}).json()
    assert [(each["user"]["id"], each["emoji"]) for each in page["results"]] == [(alice.pk, THUMB), (bob.pk, THUMB)]
    assert page["next"] == page["results"][-1]["id"]
    for _ in range(2):
        assert api_of(bob).delete(path_of(message, THUMB)).status_code == 204
    assert record.events() == [
        (message.room.topic, "reaction.removed", body | {"user_id": bob.pk, "emoji": THUMB, "count": 1})
    ]


@pytest.mark.parametrize("emoji", ["a", "hello", f"{THUMB}{THUMB}", ":a b:", "::", f":{'x' * 33}:", "\u200d", "<b>"])
def test_what_is_no_emoji_is_refused(api_of: Any, recorder: Any, alice: User, message: Message, emoji: str) -> None:
    record = recorder()
    for method in ("put", "delete"):
        answer = getattr(api_of(alice), method)(path_of(message, emoji))
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert record.events() == []


def test_a_short_code_is_one(api_of: Any, alice: User, message: Message) -> None:
    assert api_of(alice).put(path_of(message, ":ship_it+1:")).status_code == 204


def test_twenty_kinds_are_the_most(api_of: Any, alice: User, bob: User, message: Message) -> None:
    for number in range(20):
        assert api_of(alice).put(path_of(message, f":n{number}:")).status_code == 204
    refused = api_of(bob).put(path_of(message, THUMB))
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_reactions")
    assert api_of(bob).put(path_of(message, ":n7:")).status_code == 204


def test_a_removed_message_has_none(api_of: Any, recorder: Any, alice: User, bob: User, message: Message) -> None:
    api_of(bob).put(path_of(message, THUMB))
    api_of(alice).delete(f"/api/v1/messages/{message.pk}/")
    assert not Reaction.objects.exists()
    record = recorder()
    refused = api_of(bob).put(path_of(message, THUMB))
    assert (refused.status_code, refused.json()["code"]) == (409, "message_removed")
    assert api_of(bob).get(path_of(message)).json()["results"] == []
    assert record.events() == []


def test_in_an_archived_room_nobody_reacts(api_of: Any, alice: User, bob: User, message: Message) -> None:
    api_of(bob).put(path_of(message, THUMB))
    archive_room(Membership.objects.select_related("room", "user").get(room=message.room, user=alice))
    for method in ("put", "delete"):
        answer = getattr(api_of(bob), method)(path_of(message, THUMB))
        assert (answer.status_code, answer.json()["code"]) == (403, "room_archived")


def test_reactions_at_the_same_moment_have_exact_counts(granian: Service) -> None:
    people = granian.people(6)
    room = people[0].make_room(*people[1:])
    listening = people[0].listen()
    message = people[0].send_text("hello", room)
    path = path_of(message["id"], THUMB)
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda person: person.put(path).status_code, people * 2))
    assert statuses == [204] * 12
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda person: person.delete(path), people[:3]))
    listening.wait("reaction.removed", lambda event: event["data"]["count"] == 3)
    counts = [event.data["data"]["count"] for event in listening.events if event.name.startswith("reaction.")]
    assert counts == [1, 2, 3, 4, 5, 6, 5, 4, 3]
    assert people[5].get(f"/api/v1/messages/{message['id']}/").json()["reactions"] == [
        {"emoji": THUMB, "count": 3, "mine": True}
    ]

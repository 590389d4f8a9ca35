"""notification.due: who should be told of a message that they have not read."""

import json
from typing import Any

import pytest
from django.utils import timezone

from chats.actions import notifications
from chats.actions.changes import remove_own_message
from chats.actions.messages import send_message
from chats.models import Message
from chatserver.events import log
from chatserver.events.sequencer import sequence
from chatserver.webhooks.actions import create_endpoint
from rooms.actions.blocks import block_person
from rooms.actions.rooms import open_direct_room
from rooms.models import Membership, Room
from users.models import ExternalIdentity, ServiceKey, User, host_issuer


@pytest.fixture
def key(charlie: User) -> ServiceKey:
    """One that reads the whole log."""
    return ServiceKey.objects.create(service=charlie, name="push", secret_hash=b"1" * 32, scopes=["events:read"])


def due_since(position: int) -> list[dict[str, Any]]:
    """Handle all messages since then as if 15 s were over; the data of the events that come of it."""
    while sequence():
        pass
    notifications.notify(log.after(position, 100))
    while sequence():
        pass
    bodies = [(row.room_id, row.body) for row in log.after(position, 100) if row.type == "notification.due"]
    return [json.loads(body) | {"room": room_id} for room_id, body in bodies]


def people_told(data: dict[str, Any]) -> list[tuple[int, str]]:
    return [(recipient["user_id"], recipient["reason"]) for recipient in data["recipients"]]


def test_those_are_told_who_have_not_read_it(alice: User, bob: User, key: ServiceKey) -> None:
    direct, _ = open_direct_room(alice, bob)
    ExternalIdentity.objects.create(user=bob, issuer=host_issuer(), subject="customer-1042")
    start = log.position()
    message = send_message(alice, direct.pk, "hai")[0]
    (data,) = due_since(start)
    assert data["room"] == data["room_id"] == direct.pk
    assert (data["message_id"], data["seq"], data["sender_id"]) == (message.pk, message.seq, alice.pk)
    assert data["recipients"] == [{"user_id": bob.pk, "external_id": "customer-1042", "reason": "direct"}]


def test_nobody_is_told_of_what_they_read_or_sent_or_what_was_removed(
    alice: User, bob: User, closed: Room, key: ServiceKey
) -> None:
    start = log.position()
    read = send_message(alice, closed.pk, "read")[0]
    removed = Message.objects.get(pk=send_message(alice, closed.pk, "removed")[0].pk)
    remove_own_message(alice, removed)
    for member in Membership.objects.filter(room=closed).exclude(user=alice):
        Membership.objects.filter(pk=member.pk).update(read_seq=read.seq)
    assert due_since(start) == []


@pytest.mark.parametrize(
    "setting",
    [{"notify": "none"}, {"notify": "mentions"}, {"muted_until": timezone.now().replace(year=2100)}],
)
def test_what_one_set_for_oneself_counts(
    setting: dict[str, Any], alice: User, bob: User, closed: Room, key: ServiceKey
) -> None:
    Membership.objects.filter(room=closed, user=bob).update(**setting)
    start = log.position()
    send_message(alice, closed.pk, "hai")
    assert bob.pk not in [user_id for data in due_since(start) for user_id, _ in people_told(data)]


def test_who_hides_a_room_is_told_of_what_comes_later_alone(
    api_of: Any, alice: User, bob: User, closed: Room, key: ServiceKey
) -> None:
    start = log.position()
    send_message(alice, closed.pk, "before")
    hidden = api_of(bob).patch(f"/api/v1/rooms/{closed.pk}/me/", {"hidden": True}, "json")
    assert hidden.status_code == 200
    later = send_message(alice, closed.pk, "later")[0]
    told = {data["message_id"]: dict(people_told(data)) for data in due_since(start)}
    assert [message_id for message_id, people in told.items() if bob.pk in people] == [later.pk]


def test_in_a_room_one_is_told_of_all_unless_it_is_large(
    alice: User, bob: User, closed: Room, key: ServiceKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = log.position()
    send_message(alice, closed.pk, "hai")
    (data,) = due_since(start)
    assert (bob.pk, "all") in people_told(data)
    assert alice.pk not in dict(people_told(data))
    monkeypatch.setattr(notifications, "MAX_NOTIFIED_ROOM", 1)
    start = log.position()
    send_message(alice, closed.pk, "again")
    assert due_since(start) == []


def test_nobody_is_told_of_those_whom_they_block(alice: User, bob: User, closed: Room, key: ServiceKey) -> None:
    block_person(bob, alice)
    start = log.position()
    send_message(alice, closed.pk, "hai")
    assert bob.pk not in [user_id for data in due_since(start) for user_id, _ in people_told(data)]


def test_a_reply_is_told_to_who_follows_the_thread(
    alice: User, bob: User, charlie: User, closed: Room, key: ServiceKey
) -> None:
    root = send_message(alice, closed.pk, "root")[0]
    while sequence():
        pass
    start = log.position()
    send_message(bob, closed.pk, "reply", parent_id=root.pk)
    (data,) = due_since(start)
    assert people_told(data) == [(alice.pk, "thread")]


@pytest.mark.parametrize("notify", ["mentions", "all"])
def test_who_is_mentioned_is_told_in_large_rooms_too(
    notify: str, alice: User, bob: User, closed: Room, key: ServiceKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    Membership.objects.filter(room=closed, user=bob).update(notify=notify)
    monkeypatch.setattr(notifications, "MAX_NOTIFIED_ROOM", 1)
    start = log.position()
    send_message(alice, closed.pk, "@bob, and @room")
    (data,) = due_since(start)
    assert people_told(data) == [(bob.pk, "mentioned")]


def test_nothing_is_made_where_nobody_gets_it(alice: User, closed: Room, charlie: User, settings: Any) -> None:
    start = log.position()
    send_message(alice, closed.pk, "hai")
    assert due_since(start) == []
    settings.CHAT_OUTBOUND_PRIVATE = True
    charlie.is_service = True
    charlie.save()
    create_endpoint(charlie.pk, url="http://127.0.0.1:1/", types=["message.*"])
    assert due_since(start) == []
    create_endpoint(charlie.pk, url="http://127.0.0.1:1/", types=["notification.*"])
    assert len(due_since(start)) == 1

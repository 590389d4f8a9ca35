"""The settings of a room hold for its messages: who posts, how often, how long, and how long they may be edited."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chats.actions.messages import send_message
from chats.models import Message
from chatserver.tests.harness.service import Service
from rooms.models import Membership, Room
from users.models import User


@pytest.fixture
def post(api_of: Any, closed: Room) -> Any:
    def send(person: User, text: str = "hai", **more: str) -> Any:
        return api_of(person).post("/api/v1/chats/", {"room_id": closed.pk, "message": text} | more, "json")

    return send


def set_up(room: Room, **settings: Any) -> None:
    Room.objects.filter(pk=room.pk).update(**settings)


def test_only_moderators_write_where_posting_is_theirs(
    api_of: Any, post: Any, recorder: Any, alice: User, bob: User, charlie: User, closed: Room
) -> None:
    earlier = post(bob).json()
    set_up(closed, posting="moderators")
    assert post(alice).status_code == 201
    record = recorder()
    edit = api_of(bob).patch(f"/api/v1/messages/{earlier['id']}/", {"message": "and more"}, "json")
    assert (edit.status_code, edit.json()["code"]) == (403, "posting_restricted")
    refused = post(bob)
    assert (refused.status_code, refused.json()["code"]) == (403, "posting_restricted")
    typing = api_of(bob).post(f"/api/v1/rooms/{closed.pk}/typing/")
    assert (typing.status_code, typing.json()["code"]) == (403, "posting_restricted")
    assert post(charlie).status_code == 404
    assert record.rows() == []


def test_slow_mode_has_members_wait(post: Any, recorder: Any, alice: User, bob: User, closed: Room) -> None:
    set_up(closed, slow_mode_seconds=30)
    assert post(bob, client_message_id="one").status_code == 201
    record = recorder()
    refused = post(bob, "again")
    assert (refused.status_code, refused.json()["code"]) == (429, "slow_mode")
    assert 25 < int(refused["Retry-After"]) <= 30
    assert record.rows() == []
    assert post(bob, client_message_id="one").status_code == 200
    assert [post(alice).status_code for _ in range(2)] == [201, 201]
    Membership.objects.filter(room=closed, user=bob).update(last_wrote_at=timezone.now() - timedelta(seconds=31))
    assert post(bob).status_code == 201


def test_who_leaves_and_comes_back_waits_too(post: Any, api_of: Any, alice: User, bob: User, closed: Room) -> None:
    set_up(closed, kind="open", slow_mode_seconds=30)
    assert post(bob).status_code == 201
    api_of(bob).delete(f"/api/v1/rooms/{closed.pk}/members/{bob.pk}/")
    assert api_of(bob).post(f"/api/v1/rooms/{closed.pk}/members/", {"user_id": bob.pk}, "json").status_code == 201
    assert post(bob).status_code == 429


def test_a_room_has_its_own_longest_text(api_of: Any, post: Any, recorder: Any, alice: User, closed: Room) -> None:
    set_up(closed, max_length=5)
    sent = post(alice, "\N{GRINNING FACE}" * 5).json()
    record = recorder()
    path = f"/api/v1/messages/{sent['id']}/"
    for answer in (post(alice, "x" * 6), api_of(alice).patch(path, {"message": "x" * 6}, "json")):
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"], error["code"]) == (400, "message", "max_length")
    assert record.rows() == []


@pytest.mark.parametrize(("minutes", "age", "status"), [(5, 4, 200), (5, 6, 403), (0, 0, 403), (None, 10_000, 200)])
def test_an_edit_comes_in_time(
    api_of: Any, recorder: Any, bob: User, closed: Room, minutes: int | None, age: int, status: int
) -> None:
    message = send_message(bob, closed.pk, "hai")[0]
    set_up(closed, edit_minutes=minutes)
    Message.objects.filter(pk=message.pk).update(sent_at=timezone.now() - timedelta(minutes=age))
    record = recorder()
    answer = api_of(bob).patch(f"/api/v1/messages/{message.pk}/", {"message": "hai, all"}, "json")
    assert answer.status_code == status
    assert len(record.events()) == (status == 200)
    if status == 403:
        assert answer.json()["code"] == "edit_window_closed"
        assert api_of(bob).delete(f"/api/v1/messages/{message.pk}/").status_code == 204


def test_of_messages_at_the_same_moment_slow_mode_takes_one(granian: Service) -> None:
    alice, bob = granian.people(2)
    room = alice.make_room(bob)
    assert alice.patch(f"/api/v1/rooms/{room}/", json={"slow_mode_seconds": 60}).is_success
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(bob.post, "/api/v1/chats/", json={"room_id": room, "message": "x"}) for _ in range(8)]
        statuses = [each.result().status_code for each in sent]
    assert sorted(statuses) == [201, *[429] * 7]

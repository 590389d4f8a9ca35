"""General, switched off and on: who is in it, who hears it, and what those learn who enter or leave."""

from typing import Any

import pytest

from chats.actions.messages import send_message
from chatserver.errors import ChatError
from chatserver.events import log
from chatserver.events.models import Kind as RowKind
from chatserver.events.models import Subscription
from chatserver.events.sequencer import sequence
from rooms.actions import general
from rooms.models import GENERAL_ID, Membership, Room
from users.actions.people import create_user, delete_user
from users.models import User

ROOM = "/api/v1/rooms/0/"


def switch(settings: Any, is_on: bool) -> None:
    settings.CHAT_GENERAL = is_on
    for _ in general.switch():
        pass
    while sequence():
        pass


def members() -> int:
    count = Membership.objects.filter(room=GENERAL_ID).count()
    assert Room.objects.get(pk=GENERAL_ID).members_count == count
    return count


def hears_it(user: User) -> bool:
    return Subscription.objects.filter(topic="room:0", user_id=user.pk).exists()


def test_switched_off_nobody_is_in_it_or_hears_it_and_all_are_told(
    api_of: Any, recorder: Any, settings: Any, alice: User, bob: User
) -> None:
    send_message(alice, GENERAL_ID, "before")
    before = log.position()
    while sequence():
        pass
    record = recorder()
    settings.CHAT_GENERAL = False
    for _ in general.switch():
        pass
    told = [row for row in record.rows() if row.kind == RowKind.EVENT]
    left = {row.topic for row in told if row.type == "room.left" and row.room_id == GENERAL_ID}
    assert left >= {f"user:{alice.pk}", f"user:{bob.pk}"}
    assert len(left) == len(told)
    while sequence():
        pass
    assert members() == 0
    assert not hears_it(alice)
    client = api_of(alice)
    for path in (ROOM, f"{ROOM}members/", f"{ROOM}messages/", "/api/v1/chats/?room_id=0"):
        assert client.get(path).status_code == 404
    for path, body in (
        ("/api/v1/chats/", {"room_id": 0, "message": "after"}),
        (f"{ROOM}members/", {"user_id": alice.pk}),
        (f"{ROOM}members/", {"user_ids": [alice.pk, bob.pk]}),
        (f"{ROOM}typing/", None),
    ):
        assert client.post(path, body, "json").status_code == 404, path
    assert client.put(f"{ROOM}read-marker/", {"seq": 0}, "json").status_code == 404
    for query in ("", "?archived=true", "?joinable=true"):
        assert GENERAL_ID not in [room["id"] for room in client.get(f"/api/v1/rooms/{query}").json()["results"]]
    resumed = client.get(f"/api/v1/events/?after={before}").json()
    assert {event["type"] for event in resumed["results"]} == {"room.left"}


def test_who_comes_while_it_is_off_is_not_in_it(settings: Any, alice: User) -> None:
    switch(settings, False)
    newcomer = create_user("newcomer")
    while sequence():
        pass
    assert members() == 0
    assert not hears_it(newcomer)
    assert not Membership.objects.filter(user=newcomer).exists()


def test_switched_on_again_everybody_present_is_in_it_and_told(
    api_of: Any, recorder: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    message, _ = send_message(alice, GENERAL_ID, "before")
    switch(settings, False)
    newcomer = create_user("newcomer")
    delete_user(bob)
    monkeypatch.setattr(general, "MAX_MOVED_PEOPLE", 2)
    record = recorder()
    switch(settings, True)
    assert members() == User.objects.get_queryset().present().count()
    assert hears_it(alice)
    assert hears_it(newcomer)
    assert not hears_it(bob)
    mine = api_of(newcomer).get(ROOM).json()
    assert (mine["role"], mine["unread"], mine["last_message"]["id"]) == ("member", 0, message.pk)
    assert record.rows() == []  # all is in the log
    told = api_of(newcomer).get("/api/v1/events/").json()["results"]
    assert [event["data"]["user"]["id"] for event in told if event["type"] == "member.added"] == [newcomer.pk]
    send_message(newcomer, GENERAL_ID, "after")
    create_user("another")
    assert members() == User.objects.get_queryset().present().count()


@pytest.mark.parametrize("is_on", [False, True])
def test_what_was_switched_is_not_switched_again(recorder: Any, settings: Any, alice: User, is_on: bool) -> None:
    switch(settings, is_on)
    record = recorder()
    assert list(general.switch()) == []
    assert record.rows() == []


def test_an_interrupted_switch_is_finished_by_the_next(settings: Any, monkeypatch: Any, alice: User, bob: User) -> None:
    monkeypatch.setattr(general, "MAX_MOVED_PEOPLE", 1)
    for is_on in (False, True):
        settings.CHAT_GENERAL = is_on
        steps = general.switch()
        next(steps)
        next(steps)
        with pytest.raises(ChatError):
            send_message(alice, GENERAL_ID, "in between")
        switch(settings, is_on)
        assert (members() > 0) == is_on


def test_where_two_starts_differ_the_last_one_wins(settings: Any, monkeypatch: Any, alice: User, bob: User) -> None:
    monkeypatch.setattr(general, "MAX_MOVED_PEOPLE", 1)
    settings.CHAT_GENERAL = False
    steps = general.switch()
    next(steps)
    switch(settings, True)
    assert list(steps) == []
    assert members() == User.objects.get_queryset().present().count()

"""How often it is announced that somebody types, and its end."""

from typing import Any

import pytest
import redis

from chats.actions.messages import send_message
from chats.models import Message
from chats.typing_pauses import TYPING_SECONDS, TYPING_SHOWN_SECONDS
from chatserver.storage.redis_client import RedisAway, redis_client
from chatserver.tests.harness.typing import Told, later, url
from rooms.models import Room
from users.models import User


def test_it_is_announced_once_in_a_while_for_each_person_room_and_thread(
    api_of: Any, typing_told: Told, alice: User, bob: User, closed: Room, root: Message
) -> None:
    def type_everywhere() -> None:
        for _ in range(3):
            for person in (alice, bob):
                assert api_of(person).post(url(closed)).status_code == 204
        assert api_of(bob).post(url(closed), {"parent_id": root.pk}, "json").status_code == 204

    type_everywhere()
    first = [("typing.started", None, alice.pk), ("typing.started", None, bob.pk), ("typing.started", root.pk, bob.pk)]
    assert typing_told == first
    later(closed, alice, 0.5)
    later(closed, bob, TYPING_SECONDS + 0.01)
    type_everywhere()
    assert typing_told == [*first, ("typing.started", None, bob.pk)]


def test_who_has_posted_is_announced_at_once_with_the_next_text(
    api_of: Any, typing_told: Told, alice: User, bob: User, closed: Room, root: Message
) -> None:
    def type_twice() -> int:
        for _ in range(2):
            assert api_of(bob).post(url(closed)).status_code == 204
        return len(typing_told)

    assert type_twice() == 1
    send_message(alice, closed.pk, "not bob's")
    assert type_twice() == 1
    for count, fields in enumerate(({}, {"parent_id": root.pk}), start=2):
        send_message(bob, closed.pk, "said", **fields)
        assert type_twice() == count
    assert api_of(bob).delete(url(closed)).status_code == 204
    assert [event_type for event_type, _, _ in typing_told] == [*["typing.started"] * 3, "typing.stopped"]


def test_its_end_is_told_once_and_only_where_it_is_shown(
    api_of: Any, typing_told: Told, bob: User, closed: Room
) -> None:
    client = api_of(bob)

    def ends() -> int:
        assert client.delete(url(closed)).status_code == 204
        return len([each for each in typing_told if each[0] == "typing.stopped"])

    assert ends() == 0
    client.post(url(closed))
    later(closed, bob, TYPING_SHOWN_SECONDS - 1)
    assert (ends(), ends()) == (1, 1)
    later(closed, bob, 1)
    client.post(url(closed))
    later(closed, bob, TYPING_SHOWN_SECONDS)
    assert ends() == 1


def test_who_stops_and_goes_on_is_no_flood(api_of: Any, typing_told: Told, bob: User, closed: Room) -> None:
    for _ in range(5):
        api_of(bob).post(url(closed))
        api_of(bob).delete(url(closed))
    assert [event_type for event_type, _, _ in typing_told] == ["typing.started", "typing.stopped"]


def test_without_redis_each_is_announced(
    api_of: Any, typing_told: Told, bob: User, closed: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise redis.ConnectionError

    assert issubclass(redis.ConnectionError, RedisAway)
    monkeypatch.setattr(type(redis_client()), "eval", away)
    for _ in range(2):
        assert api_of(bob).post(url(closed)).status_code == 204
    assert api_of(bob).delete(url(closed)).status_code == 204
    assert [event_type for event_type, _, _ in typing_told] == ["typing.started", "typing.started", "typing.stopped"]

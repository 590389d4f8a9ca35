"""What many hear of has limits: rooms made and joined, people put into rooms, strangers addressed, writes to a room."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from chats.actions.messages import send_message
from chats.models import Message
from chatserver.config.rates import Rate
from chatserver.http.throttling import Throttle
from chatserver.tests.harness.answers import assert_old_error, assert_problem
from rooms import limits
from rooms.actions.rooms import archive_room, create_room
from rooms.models import Kind, Membership, Role, Room
from users.actions.people import create_user
from users.models import User

LIMIT = 3
ROOMS = "/api/v1/rooms/"
CHATS = "/api/v1/chats/"


@pytest.fixture
def limit_to(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a throttle pass so many an hour."""

    def limit(throttle: Throttle, number: int = LIMIT) -> None:
        for name, value in vars(Throttle(f"test-{uuid.uuid4().hex}", Rate(number, 3600))).items():
            monkeypatch.setattr(throttle, name, value)

    return limit


@pytest.fixture
def crowd(db: Any) -> list[User]:
    return [create_user(f"crowd{number}") for number in range(LIMIT + 2)]


def assert_throttled(answer: Any, limit: int = LIMIT) -> None:
    assert_problem(answer, 429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= int(answer["X-RateLimit-Reset"]) <= 3600
    assert (answer["X-RateLimit-Limit"], answer["X-RateLimit-Remaining"]) == (str(limit), "0")


def rooms_of(user: User) -> int:
    return Membership.objects.filter(user=user).exclude(room=0).count()


def test_rooms_made_and_joined_run_out_together(
    api_of: Any, alice: User, bob: User, limit_to: Callable[..., None]
) -> None:
    joinable = [create_room(bob, [], name="open", kind=Kind.OPEN) for _ in range(2)]
    limit_to(limits.rooms_throttle)

    def join(room: Room) -> Any:
        return api_of(alice).post(f"{ROOMS}{room.pk}/members/", {"user_id": alice.pk}, "json")

    made = [api_of(alice).post(ROOMS, {"name": "tea"}, "json").status_code for _ in range(LIMIT - 1)]
    assert [*made, join(joinable[0]).status_code] == [201] * LIMIT
    assert join(joinable[0]).status_code == 200
    assert_throttled(join(joinable[1]))
    assert_throttled(api_of(alice).post(ROOMS, {"name": "tea"}, "json"))
    assert rooms_of(alice) == LIMIT
    assert api_of(bob).post(ROOMS, {"name": "tea"}, "json").status_code == 201


def test_people_put_into_rooms_are_counted_one_by_one_and_refused_together(
    api_of: Any, alice: User, closed: Room, crowd: list[User], limit_to: Callable[..., None]
) -> None:
    limit_to(limits.members_throttle)
    ids = [person.pk for person in crowd]

    def add(*user_ids: int) -> Any:
        return api_of(alice).post(f"{ROOMS}{closed.pk}/members/", {"user_ids": user_ids}, "json")

    assert_problem(add(*ids), 429, "throttled")
    assert add(ids[0], ids[1]).status_code == 201
    refused = add(ids[2], ids[3])
    assert_problem(refused, 429, "throttled")
    assert (refused["X-RateLimit-Limit"], refused["X-RateLimit-Remaining"]) == (str(LIMIT), "1")
    assert_problem(api_of(alice).post(ROOMS, {"name": "tea", "members": ids[:2]}, "json"), 429, "throttled")
    assert add(ids[2]).status_code == 201
    assert Membership.objects.filter(room=closed, user__in=crowd).count() == LIMIT
    assert rooms_of(alice) == 1
    assert api_of(alice).post(ROOMS, {"name": "tea"}, "json").status_code == 201


@pytest.mark.parametrize("is_old", [False, True])
def test_first_messages_to_strangers_run_out_and_others_do_not(
    api_of: Any, alice: User, bob: User, closed: Room, crowd: list[User], limit_to: Callable[..., None], is_old: bool
) -> None:
    limit_to(limits.strangers_throttle)

    def write_to(user: User) -> Any:
        return api_of(alice).post(CHATS, {"user_id": user.pk, "message": "hai"}, "json")

    def address(user: User) -> Any:
        return api_of(alice).post("/room", {"user1": alice.pk, "user2": user.pk}, "json") if is_old else write_to(user)

    assert [address(person).status_code for person in crowd[:LIMIT]] == [201] * LIMIT
    refused = address(crowd[LIMIT])
    if is_old:
        assert_old_error(refused, 429)
        assert int(refused["Retry-After"]) > 0
    else:
        assert_throttled(refused)
    assert not Room.objects.filter(direct_high=crowd[LIMIT]).exists()
    assert write_to(crowd[0]).status_code == 201
    # They share a room: for a stranger that is not enough, they must have written there.
    assert_throttled(write_to(bob))
    send_message(bob, closed.pk, "hai")
    assert write_to(bob).status_code == 201
    answer = api_of(crowd[LIMIT]).post(CHATS, {"user_id": alice.pk, "message": "hai"}, "json")
    assert answer.status_code == 201


@pytest.mark.parametrize("path", [CHATS, "old"])
def test_all_writers_of_a_room_share_a_limit(
    api_of: Any, alice: User, bob: User, dana: User, closed: Room, limit_to: Callable[..., None], path: str
) -> None:
    limit_to(limits.room_write_throttle)

    def write(user: User, room_id: int) -> Any:
        if path == CHATS:
            return api_of(user).post(CHATS, {"room_id": room_id, "message": "hai"}, "json")
        return api_of(user).post(f"/room/{room_id}/messages", {"message": "hai"}, "json")

    assert [write(user, closed.pk).status_code for user in (alice, bob, dana)] == [201] * LIMIT
    refused = write(alice, closed.pk)
    assert_throttled(refused) if path == CHATS else assert_old_error(refused, 429)
    assert refused["X-RateLimit-Limit"] == str(LIMIT)
    assert Message.objects.filter(room=closed).count() == LIMIT
    assert_throttled(api_of(alice).patch(f"{ROOMS}{closed.pk}/", {"name": "new"}, "json"))
    assert_throttled(api_of(bob).post(f"{ROOMS}{closed.pk}/typing/"))
    written = Message.objects.filter(room=closed, sender=alice)[0].pk
    assert_throttled(api_of(alice).patch(f"/api/v1/messages/{written}/", {"message": "hi"}, "json"))
    assert_throttled(api_of(bob).put(f"/api/v1/messages/{written}/reactions/:shipit:/"))
    assert api_of(alice).delete(f"/api/v1/messages/{written}/").status_code == 204
    assert write(alice, 0).status_code == 201
    assert api_of(bob).delete(f"{ROOMS}{closed.pk}/members/{bob.pk}/").status_code == 204


def test_outsiders_and_repeats_use_up_nothing_of_a_room(
    api_of: Any, alice: User, bob: User, charlie: User, closed: Room, limit_to: Callable[..., None]
) -> None:
    limit_to(limits.room_write_throttle)

    def write(user: User, **extra: str) -> int:
        return int(api_of(user).post(CHATS, {"room_id": closed.pk, "message": "hai", **extra}, "json").status_code)

    assert [write(charlie) for _ in range(2 * LIMIT)] == [404] * (2 * LIMIT)
    assert write(bob, client_message_id="one") == 201
    assert [write(bob, client_message_id="one") for _ in range(LIMIT)] == [200] * LIMIT
    assert [write(alice), write(alice), write(alice)] == [201, 201, 429]
    assert write(charlie) == 404


def test_a_person_is_in_so_many_rooms_at_most(
    api_of: Any, alice: User, bob: User, charlie: User, closed: Room, open_room: Room, settings: Any
) -> None:
    settings.CHAT_MAX_ROOMS = 2
    joinable = create_room(charlie, [], name="open", kind=Kind.OPEN)

    def add(user: User, **body: Any) -> Any:
        return api_of(user).post(f"{ROOMS}{joinable.pk}/members/", body, "json")

    for refused in (
        api_of(alice).post(ROOMS, {"name": "tea"}, "json"),
        add(alice, user_id=alice.pk),
        add(charlie, user_ids=[alice.pk, bob.pk]),
        api_of(charlie).post(ROOMS, {"name": "tea", "members": [alice.pk]}, "json"),
    ):
        assert_problem(refused, 403, "too_many_rooms")
    assert (rooms_of(alice), rooms_of(bob), rooms_of(charlie)) == (2, 2, 1)
    again = api_of(alice).post(f"{ROOMS}{closed.pk}/members/", {"user_ids": [bob.pk]}, "json")
    assert again.status_code == 200
    assert api_of(alice).post(CHATS, {"room_id": 0, "message": "hai"}, "json").status_code == 201
    # Direct rooms can't be left, and archived ones are in nobody's way: others could use the limit up with them.
    assert api_of(alice).post(CHATS, {"user_id": charlie.pk, "message": "hai"}, "json").status_code == 201
    archive_room(Membership.objects.get(room=open_room, role=Role.OWNER))
    assert api_of(alice).post(ROOMS, {"name": "tea"}, "json").status_code == 201
    for room in (closed, open_room):
        assert api_of(bob).delete(f"{ROOMS}{room.pk}/members/{bob.pk}/").status_code == 204
    assert add(bob, user_id=bob.pk).status_code == 201

"""GET /api/v1/sync/: one request with what a client starts with."""

from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from chats.actions.messages import send_message
from chatserver.events import log
from chatserver.events.sequencer import sequence
from rooms.actions.blocks import block_person
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import Invitation, Room
from users import presence
from users.actions.presence import set_invisible
from users.models import User

SYNC = "/api/v1/sync/"


def synced(api: Any, query: str = "") -> Any:
    answer = api.get(SYNC + query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_has_what_the_single_requests_have(
    api_of: Any, alice: User, bob: User, charlie: User, closed: Room, django_assert_num_queries: Any
) -> None:
    direct, _ = open_direct_room(alice, bob)
    send_message(bob, direct.pk, "hai")
    api = api_of(alice)
    block_person(alice, charlie)
    theirs = create_room(charlie, [], name="theirs", kind="closed")
    Invitation.objects.create(room=theirs, inviter=charlie, user=alice)
    with django_assert_num_queries(8):
        found = synced(api)
    assert found["me"] == api.get("/api/v1/users/me/").json()
    assert found["rooms"] == api.get("/api/v1/rooms/").json()["results"]
    assert found["rooms"][0]["last_message"]["message"] == "hai"
    assert [person["id"] for person in found["people"]] == [bob.pk]
    assert (found["next"], found["invisible"], found["is_staff"]) == (None, False, False)
    assert found["blocks"] == [charlie.pk]
    assert found["invitations"] == api.get("/api/v1/invitations/").json()["results"] != []


def test_the_log_goes_on_from_its_position(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    send_message(bob, closed.pk, "before")
    while sequence():
        pass
    position = synced(api_of(alice))["position"]
    assert position == log.position()
    send_message(bob, closed.pk, "after")
    while sequence():
        pass
    events = api_of(alice).get(f"/api/v1/events/?after={position}").json()["results"]
    assert [event["data"].get("message") for event in events if event["type"] == "message.created"] == ["after"]


def test_where_there_are_more_rooms_the_list_goes_on_from_next(api_of: Any, alice: User) -> None:
    made = [create_room(alice, [], name=f"room {number}", kind="closed").pk for number in range(5)]
    api = api_of(alice)
    found = synced(api, "?limit=2")
    rest = api.get(f"/api/v1/rooms/?after={found['next']}").json()["results"]
    assert {room["id"] for room in [*found["rooms"], *rest]} >= set(made)
    assert len(found["rooms"]) == 2
    assert not {room["id"] for room in found["rooms"]} & {room["id"] for room in rest}


def test_a_start_is_never_larger_than_a_page(api_of: Any, alice: User) -> None:
    """Rooms with long last messages come with the list."""
    for number in range(30):
        send_message(alice, create_room(alice, [], name=f"room {number}", kind="closed").pk, "\N{ROCKET}" * 10_000)
    found = synced(api_of(alice))
    assert 1 < len(found["rooms"]) < 30
    assert found["next"] is not None


def test_it_says_who_of_direct_rooms_is_online(api_of: Any, alice: User, bob: User, charlie: User) -> None:
    for other in (bob, charlie):
        open_direct_room(alice, other)
    presence.open_streams([(bob.pk, "a"), (alice.pk, "b")])

    def shown() -> list[tuple[int, bool, str]]:
        people = synced(api_of(alice))["people"]
        return [(person["id"], person["online"], person["status"]) for person in people]

    assert shown() == [(bob.pk, True, "online"), (charlie.pk, False, "offline")]
    set_invisible(bob, is_invisible=True)
    assert shown() == [(bob.pk, False, "offline"), (charlie.pk, False, "offline")]
    assert synced(api_of(User.objects.get(pk=bob.pk)))["invisible"] is True


def test_without_redis_nobody_knows_who_is_online(
    api_of: Any, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_direct_room(alice, bob)

    def is_away(*_: object) -> None:
        raise RedisConnectionError

    monkeypatch.setattr(presence, "online_among", is_away)
    assert [(person["online"], person["status"]) for person in synced(api_of(alice))["people"]] == [(None, None)]


@pytest.mark.parametrize("query", ["?after=1", "?before=1.1", "?around=1", "?limit=0", "?limit=101", "?limit=x"])
def test_it_is_one_page(api_of: Any, alice: User, query: str) -> None:
    assert api_of(alice).get(SYNC + query).status_code == 400

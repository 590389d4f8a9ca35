"""What owners set for a room is shown to all who see it; moderators change the slow mode alone."""

from typing import Any

import pytest

from chatserver.events.models import Event
from chatserver.events.redaction import SHOWN_ID
from chatserver.events.sequencer import sequence
from rooms.models import Room
from users.models import User

CHANGES = {
    "posting": "moderators",
    "slow_mode_seconds": 30,
    "edit_minutes": 15,
    "max_length": 200,
    "pinning": "everyone",
    "join_requests": True,
    "metadata": {
        "order": 551,
        "tags": ["a", {"b": None}],
        "text": "\0 \N{GRINNING FACE}",
        "big": 2**80,
        "float": 1e300,
    },
}


def nested(levels: int) -> dict[str, Any]:
    return {"x": nested(levels - 1)} if levels else {"deepest": 1}


def url(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/"


def test_an_owner_sets_them_and_all_see_and_hear_them(
    api_of: Any, recorder: Any, alice: User, bob: User, closed: Room, django_assert_num_queries: Any
) -> None:
    record = recorder()
    with django_assert_num_queries(10):
        answer = api_of(alice).patch(url(closed), CHANGES, "json")
    assert (answer.status_code, answer.json()) == (200, answer.json() | CHANGES)
    ((topic, event, body),) = record.events()
    assert (topic, event, body) == (closed.topic, "room.updated", body | CHANGES)
    assert api_of(bob).get(url(closed)).json().items() >= body.items()
    listed = {room["id"]: room for room in api_of(bob).get("/api/v1/rooms/").json()["results"]}
    assert listed[closed.pk].items() >= body.items()
    cleared = api_of(alice).patch(url(closed), {"edit_minutes": None, "max_length": None}, "json").json()
    assert (cleared["edit_minutes"], cleared["max_length"], cleared["posting"]) == (None, None, "moderators")


def test_a_room_is_made_with_them(api_of: Any, alice: User) -> None:
    made = api_of(alice).post("/api/v1/rooms/", {"name": "News"} | CHANGES, "json")
    assert (made.status_code, made.json()) == (201, made.json() | CHANGES)


def test_metadata_that_look_like_a_person_are_none_to_the_log(
    api_of: Any, recorder: Any, alice: User, closed: Room
) -> None:
    metadata = {"id": 10**20, "username": "x", "more": [{"id": alice.pk, "username": "x"}, {"id": 1}, nested(29)]}
    answer = api_of(alice).patch(url(closed), {"metadata": metadata}, "json")
    assert (answer.status_code, answer.json()["metadata"]) == (200, metadata)
    sequence()
    row = Event.objects.get(type="room.updated", room_id=closed.pk)
    assert not SHOWN_ID.search(row.body)


@pytest.mark.parametrize("name", CHANGES)
def test_moderators_change_the_slow_mode_alone_and_members_nothing(
    api_of: Any, recorder: Any, bob: User, dana: User, closed: Room, name: str
) -> None:
    change = {name: CHANGES[name]}
    record = recorder()
    assert api_of(bob).patch(url(closed), change, "json").status_code == 403
    is_theirs = name == "slow_mode_seconds"
    assert api_of(dana).patch(url(closed), change, "json").status_code == (200 if is_theirs else 403)
    assert len(record.events()) == is_theirs


@pytest.mark.parametrize(
    "body",
    [
        *({"posting": value} for value in ("nobody", None, [])),
        *({"slow_mode_seconds": value} for value in (-1, 21_601, 0.5, None, True)),
        *({"edit_minutes": value} for value in (-1, 525_601, "soon")),
        *({"max_length": value} for value in (0, 4001, "x")),
        *({"pinning": value} for value in ("owners", None)),
        *({"metadata": value} for value in (None, [], "{}", 1, {"x": "x" * 4096}, nested(32))),
    ],
)
def test_what_no_room_can_have_is_400(api_of: Any, recorder: Any, alice: User, closed: Room, body: Any) -> None:
    record = recorder()
    answer = api_of(alice).patch(url(closed), {"name": "Changed"} | body, "json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(body)))
    assert record.rows() == []

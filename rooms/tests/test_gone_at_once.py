"""A deleted person is gone from every list when the answer comes, though they leave their rooms one by one after it."""

import uuid
from typing import Any

import pytest

from chats.actions.messages import send_message
from chatserver.events.sequencer import sequence
from rooms.actions.rooms import open_direct_room
from rooms.models import GENERAL_ID, Exclusion, Membership, Room
from users import presence
from users.models import User

pytestmark = pytest.mark.usefixtures("own_presence")


@pytest.fixture
def gone(alice: User, bob: User, closed: Room, open_room: Room, api_of: Any) -> User:
    """Bob, who was online and in rooms of each kind, and whose deletion has just been answered."""
    direct, _ = open_direct_room(alice, bob)
    for room in (direct, closed):
        send_message(bob, room.pk, "hai")
    sequence()
    presence.open_streams([(bob.pk, uuid.uuid4().hex)])
    assert api_of(bob).delete("/api/v1/users/").status_code == 204
    # None of the rooms is left yet.
    assert Exclusion.objects.filter(user=bob).exists()
    assert Membership.objects.filter(user=bob, room__in=[GENERAL_ID, closed.pk, open_room.pk, direct.pk]).count() == 4
    return bob


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/users/",
        "/api/v1/users/?q=bob",
        "/api/v1/users/?q=deleted",
        "/api/v1/users/online/",
        "/users/online",
        "/api/v1/rooms/0/members/",
        "/api/v1/rooms/{closed}/members/",
        "/api/v1/rooms/{open_room}/members/",
        "/api/v1/rooms/{open_room}/members/?after=0&limit=100",
    ],
)
def test_no_list_has_them(gone: User, alice: User, api_of: Any, closed: Room, open_room: Room, path: str) -> None:
    answer = api_of(alice).get(path.format(closed=closed.pk, open_room=open_room.pk))
    assert answer.status_code == 200
    found = answer.json()
    rows = found["results"] if "results" in found else found.values()
    assert gone.pk not in [int(row.get("user", row)["id"]) for row in rows]
    assert "bob" not in answer.content.decode()


@pytest.mark.parametrize("room", [GENERAL_ID, None])
def test_nobody_finds_or_changes_them_as_a_member(
    gone: User, alice: User, api_of: Any, closed: Room, room: int | None
) -> None:
    client = api_of(alice)
    path = f"/api/v1/rooms/{closed.pk if room is None else room}/members/"
    assert client.get(f"{path}{gone.pk}/").status_code == 404
    assert client.patch(f"{path}{gone.pk}/", {"role": "owner"}, format="json").status_code == 404
    assert client.delete(f"{path}{gone.pk}/").status_code == 404
    assert Membership.objects.get(user=gone, room=closed).role == "member"
    if room is None:
        assert client.post(path, {"user_id": gone.pk}, format="json").status_code == 404


def test_what_points_to_them_says_that_they_are_deleted_and_not_their_name(
    gone: User, alice: User, api_of: Any, closed: Room
) -> None:
    client = api_of(alice)
    for path in (
        f"/api/v1/users/{gone.pk}/",
        f"/api/v1/users/?user_id={gone.pk}",
        "/api/v1/rooms/",
        "/api/v1/chats/",
        f"/api/v1/rooms/{closed.pk}/messages/",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert '"is_deleted":true' in answer.content.decode()
        assert "bob" not in answer.content.decode()
    assert client.get(f"/users?ids[]={gone.pk}").json()[str(gone.pk)]["online"] is False

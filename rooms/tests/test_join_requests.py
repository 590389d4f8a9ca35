"""People ask to join closed rooms that take requests, and its owners and moderators decide."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chatserver.tests.harness.service import Service
from rooms.actions.exclusions import settle_all
from rooms.actions.invitations import forget_invitations
from rooms.actions.members import remove_member
from rooms.actions.rooms import create_room
from rooms.models import GENERAL_ID, JoinRequest, Kind, Membership, Room
from users.actions.people import ban_user, create_user, delete_user
from users.models import User


def url(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/join-requests/"


@pytest.fixture
def asked(closed: Room) -> Room:
    """The closed room, which takes requests."""
    closed.join_requests = True
    closed.save(update_fields=["join_requests"])
    return closed


def test_who_asks_is_added_by_a_moderator(
    api_of: Any,
    recorder: Any,
    alice: User,
    charlie: User,
    dana: User,
    asked: Room,
    django_assert_num_queries: Any,
    role_of: Any,
) -> None:
    record = recorder()
    with django_assert_num_queries(13):
        answer = api_of(charlie).post(url(asked), {"message": "me, too"}, "json")
    request = answer.json()
    assert (answer.status_code, request["message"], request["user"]["id"]) == (201, "me, too", charlie.pk)
    again = api_of(charlie).post(url(asked), {"message": "please"}, "json")
    assert (again.status_code, again.json()) == (200, request)
    assert api_of(dana).get(url(asked)).json()["results"] == [request]
    # The words end with the request, and events do not.
    asked_for = {name: value for name, value in request.items() if name != "message"}
    told = [(f"user:{person.pk}", "join_request.created", asked_for) for person in (alice, dana)]
    assert record.events() == told
    added = api_of(dana).post(f"/api/v1/rooms/{asked.pk}/members/", {"user_id": charlie.pk}, "json")
    assert added.status_code == 201
    assert role_of(asked, charlie) == "member"
    ended = {"room_id": asked.pk, "user_id": charlie.pk}
    heard = {topic for topic, event, body in record.events() if (event, body) == ("join_request.removed", ended)}
    assert heard == {f"user:{person.pk}" for person in (alice, charlie, dana)}
    assert api_of(dana).get(url(asked)).json()["results"] == []


def test_a_stranger_who_asks_is_added_only_by_those_who_see_the_request(
    api_of: Any, settings: Any, alice: User, bob: User, charlie: User, dana: User, asked: Room
) -> None:
    settings.CHAT_DIRECTORY = "rooms"
    Membership.objects.filter(room=GENERAL_ID).delete()
    other = create_room(bob, [], name="Another room", kind=Kind.CLOSED)

    def add(person: User, room: Room, *, added: User = charlie) -> Any:
        return api_of(person).post(f"/api/v1/rooms/{room.pk}/members/", {"user_ids": [added.pk, alice.pk]}, "json")

    assert add(dana, asked).json()["code"] == "user_not_found"
    assert api_of(charlie).post(url(asked), {}, "json").status_code == 201
    for person, room in ((bob, asked), (bob, other)):
        assert add(person, room).json()["code"] == "user_not_found"
    stranger = create_user("erin")
    assert add(dana, asked, added=stranger).json()["code"] == "user_not_found"
    assert add(dana, asked).status_code == 201
    assert api_of(bob).get(f"/api/v1/users/{charlie.pk}/").status_code == 200


def test_requests_are_declined_and_withdrawn(
    api_of: Any, recorder: Any, bob: User, charlie: User, dana: User, asked: Room
) -> None:
    for remover in (dana, charlie):
        api_of(charlie).post(url(asked), {}, "json")
        record = recorder()
        assert api_of(bob).delete(f"{url(asked)}{charlie.pk}/").status_code == 403
        assert api_of(remover).delete(f"{url(asked)}{charlie.pk}/").status_code == 204
        assert not JoinRequest.objects.exists()
        assert {event for _, event, _ in record.events()} == {"join_request.removed"}
    record = recorder()
    for remover in (dana, charlie):
        assert api_of(remover).delete(f"{url(asked)}{charlie.pk}/").status_code == 204
    assert record.rows() == []


@pytest.mark.parametrize("change", [{"join_requests": False}, {"archived_at": "2026-11-28T00:00Z"}, {"kind": "open"}])
def test_a_request_is_withdrawn_where_the_room_takes_none_any_more(
    api_of: Any, charlie: User, dana: User, asked: Room, change: Any
) -> None:
    api_of(charlie).post(url(asked), {}, "json")
    Room.objects.filter(pk=asked.pk).update(**change)
    assert api_of(charlie).delete(f"{url(asked)}{charlie.pk}/").status_code == 204
    assert api_of(dana).get(url(asked)).json()["results"] == []
    assert api_of(charlie).delete(f"{url(asked)}{charlie.pk}/").status_code == 404


@pytest.mark.parametrize("room", ["without requests", "archived", "open", "general", "none"])
def test_of_rooms_that_take_none_nobody_learns_that_they_are_there(
    api_of: Any, recorder: Any, charlie: User, asked: Room, room: str
) -> None:
    changes = {
        "without requests": {"join_requests": False},
        "open": {"kind": "open"},
        "archived": {"archived_at": "2026-11-28T00:00Z"},
    }
    Room.objects.filter(pk=asked.pk).update(**changes.get(room, {}))
    asked.pk = {"general": 0, "none": 999_999}.get(room, asked.pk)
    record = recorder()
    answer = api_of(charlie).post(url(asked), {}, "json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert record.rows() == []


def test_who_may_not_ask_or_look(
    api_of: Any, recorder: Any, bob: User, charlie: User, asked: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.actions.join_requests.MAX_JOIN_REQUESTS", 0)
    record = recorder()
    for person, body, status, code in (
        (bob, {}, 409, "already_a_member"),
        (charlie, {}, 409, "too_many_join_requests"),
        (charlie, {"message": "x" * 501}, 400, "invalid"),
    ):
        answer = api_of(person).post(url(asked), body, "json")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert api_of(bob).get(url(asked)).status_code == 403
    assert api_of(charlie).get(url(asked)).status_code == 404
    assert record.rows() == []


def test_who_left_a_moment_ago_is_added_again_if_they_ask(
    api_of: Any, alice: User, bob: User, asked: Room, role_of: Any
) -> None:
    theirs = Membership.objects.select_related("room", "user").get(room=asked, user=bob)
    remove_member(theirs, theirs)
    path = f"/api/v1/rooms/{asked.pk}/members/"
    assert api_of(alice).post(path, {"user_id": bob.pk}, "json").json()["code"] == "left_recently"
    api_of(bob).post(url(asked), {}, "json")
    assert api_of(alice).post(path, {"user_id": bob.pk}, "json").status_code == 201
    assert role_of(asked, bob) == "member"


def test_who_joins_once_the_room_is_open_asks_no_longer(
    api_of: Any, recorder: Any, alice: User, charlie: User, dana: User, asked: Room
) -> None:
    room, members = f"/api/v1/rooms/{asked.pk}/", f"/api/v1/rooms/{asked.pk}/members/"
    api_of(charlie).post(url(asked), {}, "json")
    api_of(alice).patch(room, {"kind": "open"}, "json")
    record = recorder()
    assert api_of(charlie).post(members, {"user_id": charlie.pk}, "json").status_code == 201
    ended = {"room_id": asked.pk, "user_id": charlie.pk}
    heard = {topic for topic, event, body in record.events() if (event, body) == ("join_request.removed", ended)}
    assert heard == {f"user:{person.pk}" for person in (alice, charlie, dana)}
    api_of(alice).patch(room, {"kind": "closed"}, "json")
    assert api_of(dana).get(url(asked)).json()["results"] == []
    api_of(charlie).delete(f"{members}{charlie.pk}/")
    assert api_of(dana).post(members, {"user_id": charlie.pk}, "json").json()["code"] == "left_recently"


@pytest.mark.parametrize("end", [ban_user, delete_user])
def test_a_request_ends_with_the_account(
    api_of: Any, recorder: Any, alice: User, charlie: User, dana: User, asked: Room, end: Any
) -> None:
    api_of(charlie).post(url(asked), {}, "json")
    record = recorder()
    end(charlie)
    settle_all()
    assert api_of(dana).get(url(asked)).json()["results"] == []
    assert not JoinRequest.objects.exists()
    ended = {"room_id": asked.pk, "user_id": charlie.pk}
    told = {topic for topic, event, body in record.events() if (event, body) == ("join_request.removed", ended)}
    assert told == {f"user:{person.pk}" for person in (alice, charlie, dana)}


def test_of_deleted_people_nothing_is_kept(api_of: Any, charlie: User, asked: Room) -> None:
    api_of(charlie).post(url(asked), {}, "json")
    forget_invitations()
    assert JoinRequest.objects.exists()
    delete_user(charlie)
    forget_invitations()
    assert not JoinRequest.objects.exists()


def test_requests_at_the_same_moment_are_one(granian: Service) -> None:
    alice, bob = granian.people(2)
    path = f"/api/v1/rooms/{alice.make_room()}/"
    assert alice.patch(path, json={"join_requests": True}).is_success
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(bob.post, f"{path}join-requests/", json={}) for _ in range(4)]
        assert sorted(each.result().status_code for each in sent) == [200, 200, 200, 201]

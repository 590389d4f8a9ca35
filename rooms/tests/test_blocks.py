"""Who blocks a person sends them no direct messages and gets none of them, and only they learn of it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chats.actions.messages import send_direct_message
from chatserver.tests.harness.service import Service
from rooms.models import Block, Room
from users.models import User


def url(person: User) -> str:
    return f"/api/v1/blocks/{person.pk}/"


def post(api: Any, person: User) -> Any:
    return api.post("/api/v1/chats/", {"user_id": person.pk, "message": "hai"}, "json")


def test_a_block_is_mine_alone(
    api_of: Any, recorder: Any, alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    record = recorder()
    with django_assert_num_queries(12):
        made = api_of(alice).put(url(bob))
    block = made.json()
    assert (made.status_code, block["user"]["id"]) == (201, bob.pk)
    again = api_of(alice).put(url(bob))
    assert (again.status_code, again.json()) == (200, block)
    assert api_of(alice).get("/api/v1/blocks/").json() == {"results": [block], "next": None, "previous": None}
    assert api_of(bob).get("/api/v1/blocks/").json()["results"] == []
    for _ in range(2):
        assert api_of(alice).delete(url(bob)).status_code == 204
    assert api_of(bob).delete(url(alice)).status_code == 204
    told = f"user:{alice.pk}"
    assert record.events() == [(told, "block.added", block), (told, "block.removed", block)]


@pytest.mark.parametrize("is_known", [True, False])
def test_neither_writes_to_the_other_until_the_block_ends(
    api_of: Any, recorder: Any, alice: User, bob: User, is_known: bool
) -> None:
    if is_known:
        send_direct_message(alice, bob, "hai")
    api_of(alice).put(url(bob))
    record = recorder()
    for one, other in ((alice, bob), (bob, alice)):
        answer = post(api_of(one), other)
        assert (answer.status_code, answer.json()["code"]) == (403, "direct_messages_closed")
    assert record.rows() == []
    assert Room.objects.filter(kind="direct").count() == is_known
    api_of(bob).put(url(alice))
    api_of(alice).delete(url(bob))
    assert post(api_of(alice), bob).status_code == 403
    api_of(bob).delete(url(alice))
    assert post(api_of(alice), bob).status_code == 201


def test_nothing_new_is_said_by_old_messages_either(api_of: Any, recorder: Any, alice: User, bob: User) -> None:
    message = send_direct_message(bob, alice, "hai")[0]
    api_of(alice).put(url(bob))
    path = f"/api/v1/messages/{message.pk}/"
    record = recorder()
    for answer in (
        api_of(bob).patch(path, {"message": "and another thing"}, "json"),
        api_of(bob).put(f"{path}reactions/:shipit:/"),
        api_of(bob).put(f"{path}pin/"),
        api_of(bob).post(f"/api/v1/rooms/{message.room_id}/typing/"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "direct_messages_closed")
    assert record.rows() == []
    assert api_of(bob).get(f"/api/v1/rooms/{message.room_id}/messages/").status_code == 200
    assert api_of(bob).delete(path).status_code == 204


def test_in_groups_everything_stays_as_it_is(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    api_of(alice).put(url(bob))
    for person in (alice, bob):
        answer = api_of(person).post("/api/v1/chats/", {"room_id": closed.pk, "message": "hai"}, "json")
        assert answer.status_code == 201


def test_who_can_not_be_blocked(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.actions.blocks.MAX_BLOCKS", 1)
    api_of(alice).put(url(bob))
    record = recorder()
    for path, status, code in (
        (url(alice), 400, "no_block_of_oneself"),
        (url(charlie), 409, "too_many_blocks"),
        ("/api/v1/blocks/999999999/", 404, "not_found"),
        ("/api/v1/blocks/x/", 404, "not_found"),
    ):
        answer = api_of(alice).put(path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert record.rows() == []
    assert Block.objects.count() == 1


def test_blocks_and_first_messages_at_the_same_moment_leave_no_open_room(granian: Service) -> None:
    people = granian.people(8)
    for one, other in zip(people[::2], people[1::2], strict=True):
        with ThreadPoolExecutor(4) as pool:
            calls = [
                pool.submit(one.put, f"/api/v1/blocks/{other.id}/"),
                pool.submit(other.post, "/api/v1/chats/", json={"user_id": one.id, "message": "hai"}),
                pool.submit(other.put, f"/api/v1/blocks/{one.id}/"),
                pool.submit(one.post, "/api/v1/chats/", json={"user_id": other.id, "message": "hai"}),
            ]
            assert {call.result().status_code for call in calls} <= {201, 403}
        refused = one.post("/api/v1/chats/", json={"user_id": other.id, "message": "hai"})
        assert refused.json()["code"] == "direct_messages_closed"

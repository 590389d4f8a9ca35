"""GET /api/v1/events/: the log as JSON, for backends that poll."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chats.actions.messages import send_message
from chatserver.events import log
from chatserver.events.models import Event
from chatserver.events.sequencer import sequence
from chatserver.tests.harness.trimming import trim
from rooms.actions.members import add_members, remove_member
from rooms.models import Membership, Room
from users.models import User

EVENTS = "/api/v1/events/"


def settle() -> int:
    while sequence():
        pass
    return log.position()


def test_it_gives_what_i_may_hear_and_where_to_go_on(
    api_of: Any, alice: User, bob: User, charlie: User, closed: Room, django_assert_num_queries: Any
) -> None:
    before = settle()
    sent = [send_message(alice, closed.pk, text)[0].pk for text in ("one", "two", "three")]
    marker = {"room_id": closed.pk, "user_id": alice.pk, "seq": 1}
    log.emit(f"user:{alice.pk}", "read.updated", marker, room_id=closed.pk)
    end = settle()
    with django_assert_num_queries(2):
        answer = api_of(bob).get(f"{EVENTS}?after={before}&limit=2").json()
    assert [event["data"]["id"] for event in answer["results"]] == sent[:2]
    assert (answer["next"], answer["reset"]) == (answer["results"][-1]["position"], None)
    rest = api_of(bob).get(f"{EVENTS}?after={answer['next']}").json()
    assert [event["data"]["id"] for event in rest["results"]] == sent[2:]
    assert rest["next"] == end
    assert api_of(bob).get(f"{EVENTS}?after={end}").json() == {"results": [], "next": end, "reset": None}
    assert api_of(charlie).get(f"{EVENTS}?after={before}").json() == {"results": [], "next": end, "reset": None}


def test_an_event_has_the_shape_of_the_streams(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    before = settle()
    shown = api_of(alice).post("/api/v1/chats/", {"room_id": closed.pk, "message": "hai"}, "json").json()
    position = settle()
    (event,) = api_of(bob).get(f"{EVENTS}?after={before}").json()["results"]
    assert event == {
        "position": position,
        "type": "message.created",
        "room_id": closed.pk,
        "actor_id": alice.pk,
        "at": shown["sent_at"],
        "data": shown,
    }


def test_a_room_is_heard_from_the_entry_on_and_not_after_the_end(
    api_of: Any, alice: User, bob: User, charlie: User, open_room: Room
) -> None:
    before = settle()
    send_message(alice, open_room.pk, "before charlie")
    api_of(charlie).post(f"/api/v1/rooms/{open_room.pk}/members/", {"user_id": charlie.pk}, "json")
    send_message(alice, open_room.pk, "to charlie")
    settle()
    heard = api_of(charlie).get(f"{EVENTS}?after={before}").json()["results"]
    assert [event["type"] for event in heard] == ["member.added", "message.created", "message.created"]
    assert [event["data"]["message"] for event in heard[1:]] == ["joined the room", "to charlie"]
    members = Membership.objects.select_related("room", "user").filter(room=open_room)
    remove_member(members.get(user=alice), members.get(user=charlie))
    settle()
    (left,) = api_of(charlie).get(f"{EVENTS}?after={before}").json()["results"]
    assert (left["type"], left["room_id"]) == ("room.left", open_room.pk)
    assert left["data"] == {"room_id": open_room.pk, "reason": "removed"}


def test_who_was_out_and_in_again_gets_what_was_missed_or_a_reset(
    api_of: Any, alice: User, bob: User, closed: Room
) -> None:
    def out_and_in() -> int:
        members = Membership.objects.select_related("room", "user").filter(room=closed)
        remove_member(members.get(user=alice), members.get(user=bob))
        out = settle()
        send_message(alice, closed.pk, "not for bob")
        add_members(members.get(user=alice), [bob])
        return out

    away = settle()
    send_message(alice, closed.pk, "before the removal")
    seen = settle()
    out = out_and_in()
    send_message(alice, closed.pk, "after the return")
    end = settle()
    for last in (away, seen):
        answer = api_of(bob).get(f"{EVENTS}?after={last}").json()
        assert answer == {"results": [], "next": end, "reset": {"reason": "rejoined", "position": end}}
    for last in (out - 3, out - 2, out - 1, out):
        # From member.removed on, bob has everything of before.
        answer = api_of(bob).get(f"{EVENTS}?after={last}").json()
        told = [event["type"] for event in answer["results"]]
        assert (answer["reset"], told[-3:]) == (None, ["member.added", "message.created", "message.created"])
        assert ("room.left" in told) == (last < out - 1)
    assert api_of(alice).get(f"{EVENTS}?after={away}").json()["reset"] is None


def test_what_is_not_committed_to_the_log_yet_is_not_skipped(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    before = settle()
    send_message(alice, closed.pk, "in the outbox")
    answer = api_of(bob).get(f"{EVENTS}?after={before}").json()
    assert (answer["results"], answer["next"]) == ([], before)
    settle()
    assert len(api_of(bob).get(f"{EVENTS}?after={answer['next']}").json()["results"]) == 1


def test_a_position_of_the_future_is_a_reset(api_of: Any, alice: User) -> None:
    now = settle()
    answer = api_of(alice).get(f"{EVENTS}?after={now + 1}").json()
    assert answer == {"results": [], "next": now, "reset": {"reason": "future", "position": now}}


def test_what_was_trimmed_away_is_a_reset(api_of: Any, alice: User) -> None:
    send_message(alice, Room.objects.get(pk=0).pk, "old")
    now = settle()
    Event.objects.update(at=timezone.now() - timedelta(days=30))
    trim()
    send_message(alice, Room.objects.get(pk=0).pk, "fresh")
    settle()
    answer = api_of(alice).get(f"{EVENTS}?after={now - 1}").json()
    assert answer == {"results": [], "next": now + 1, "reset": {"reason": "trimmed", "position": now + 1}}
    kept = api_of(alice).get(f"{EVENTS}?after={now}").json()
    assert ([event["position"] for event in kept["results"]], kept["reset"]) == ([now + 1], None)


@pytest.mark.parametrize(
    "query",
    ["after=-1", "after=x", "after=", "after=99999999999999999999", "after=%00", "limit=0", "limit=1001", "limit=-1"],
)
def test_a_query_that_means_nothing_is_400(api_of: Any, alice: User, query: str) -> None:
    answer = api_of(alice).get(f"{EVENTS}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, query.partition("=")[0])

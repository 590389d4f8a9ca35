"""Mentions: found in texts where they are words of their own, of members alone, and counted beyond the read marker."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chats.actions.messages import send_message
from chats.mention_names import candidates_in
from chats.models import Mention, Message
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for
from rooms.models import Membership, Room
from users.actions.people import create_user
from users.models import User

CHATS = "/api/v1/chats/"


def mention(user: User, start: int, end: int) -> dict[str, Any]:
    return {"user_id": user.pk, "start": start, "end": end}


def unread(api: Any) -> tuple[int, int]:
    shown = api.get("/api/v1/unread/").json()
    return shown["mentions"], shown["threads"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@bob", ["bob"]),
        ("hi @bob, @BOB! (@bob) @bob's", ["bob"] * 4),
        ("mail bob@bob.example or x@bob", []),
        ("@bob.", ["bob."]),
        ("@bob.smith-x.", ["bob.smith-x."]),
        ("@ bob @@ @", ["@"]),
        ("\N{FULLWIDTH LATIN SMALL LETTER B}@bob \N{GRINNING FACE}@bob", ["bob"]),
        ("@" + "x" * 400, ["x" * 150]),
        ("@x " * 200, ["x"] * 50),
        ("no names", []),
    ],
)
def test_where_a_mention_may_be(text: str, names: list[str]) -> None:
    assert [next(iter(each.names.values())) for each in candidates_in(text)] == names


def test_members_and_the_room_are_mentioned(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, closed: Room, django_assert_num_queries: Any
) -> None:
    record = recorder()
    text = "\N{GRINNING FACE} @BOB. @charlie @nobody a@bob.example @room, @alice"
    with django_assert_num_queries(2):
        shown = api_of(alice).post(CHATS, {"room_id": closed.pk, "message": text}, "json").json()
    assert shown["mentions"] == [
        mention(bob, 2, 6),
        {"room": True, "start": 39, "end": 44},
        mention(alice, 46, 52),
    ]
    assert [text[each["start"] : each["end"]] for each in shown["mentions"]] == ["@BOB", "@room", "@alice"]
    assert [told for _, _, told in record.events()] == [shown]
    assert sorted(Mention.objects.values_list("user", flat=True), key=str) == sorted([bob.pk, None], key=str)
    assert api_of(charlie).post(CHATS, {"room_id": closed.pk, "message": "@bob"}, "json").status_code == 404


def test_the_longest_name_is_meant(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    assert bob.username == "bob"
    general = Room.objects.get(pk=0)
    longer = create_user("bob.smith")
    send_message(alice, general.pk, "@bob.smith. @bob.smithy")
    (message,) = api_of(alice).get("/api/v1/rooms/0/messages/").json()["results"]
    assert message["mentions"] == [mention(longer, 0, 10), mention(bob, 12, 16)]


def test_they_are_counted_until_read_and_again_after_an_edit(
    api_of: Any, alice: User, bob: User, closed: Room, django_assert_num_queries: Any
) -> None:
    for text in ("@bob", "plain", "@room"):
        send_message(alice, closed.pk, text)
    api, room = api_of(bob), f"/api/v1/rooms/{closed.pk}/"
    with django_assert_num_queries(3):
        assert unread(api) == (2, 0)
    assert api.get(room).json()["mentions"] == 2
    assert unread(api_of(alice)) == (0, 0)
    api.put(f"{room}read-marker/", {"seq": 2}, "json")
    assert api.get(room).json()["mentions"] == 1
    last = Message.objects.get(seq=3)
    api_of(alice).patch(f"/api/v1/messages/{last.pk}/", {"message": "nothing"}, "json")
    assert unread(api) == (0, 0)
    edited = api_of(alice).patch(f"/api/v1/messages/{last.pk}/", {"message": "so, @bob"}, "json").json()
    assert edited["mentions"] == [mention(bob, 4, 8)]
    assert unread(api) == (1, 0)
    api_of(alice).delete(f"/api/v1/messages/{last.pk}/")
    assert unread(api) == (0, 0)
    assert api.get(f"/api/v1/messages/{last.pk}/").json()["mentions"] == []
    assert not Mention.objects.filter(message=last).exists()


def test_a_message_that_mentions_me_and_the_room_counts_once(
    api_of: Any, alice: User, bob: User, charlie: User, closed: Room
) -> None:
    Membership.objects.create(room=closed, user=charlie)
    send_message(alice, closed.pk, "@bob and @room")
    assert [unread(api_of(person))[0] for person in (bob, charlie)] == [1, 1]


def test_at_most_a_hundred_are_counted(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    message, _ = send_message(alice, closed.pk, "hello")
    rows = [Mention(room=closed, user=bob, message=message, seq=message.seq) for _ in range(130)]
    Mention.objects.bulk_create(rows)
    assert unread(api_of(bob)) == (100, 0)


def test_who_is_mentioned_in_a_thread_follows_it(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    root, _ = send_message(alice, closed.pk, "hello")
    api_of(bob).put("/api/v1/read-marker/")
    send_message(alice, closed.pk, "what does @bob say?", parent_id=root.pk)
    assert unread(api_of(bob)) == (0, 1)
    (thread,) = api_of(bob).get("/api/v1/threads/").json()["results"]
    assert (thread["unread"], thread["following"]) == (1, True)


def test_who_is_mentioned_by_an_edit_follows_under_the_lock_of_the_thread(
    api_of: Any, alice: User, bob: User, closed: Room
) -> None:
    root, _ = send_message(alice, closed.pk, "hello")
    send_message(alice, closed.pk, "so", parent_id=root.pk)
    reply, _ = send_message(alice, closed.pk, "what do they say?", parent_id=root.pk)
    with CaptureQueriesContext(connection) as queries:
        api_of(alice).patch(f"/api/v1/messages/{reply.pk}/", {"message": "what does @bob say?"}, "json")
    locks = [sql for sql in (query["sql"] for query in queries) if "FOR " in sql and "chats_thread" in sql]
    assert "chats_thread_member" not in locks[0]
    (thread,) = api_of(bob).get("/api/v1/threads/").json()["results"]
    assert (thread["unread"], thread["following"]) == (1, True)


def test_who_reads_a_thread_while_an_edit_mentions_them_follows_it_and_has_read_it(granian: Service) -> None:
    """They were not in the thread before: both make their row of it."""
    alice, bob = granian.people(2)
    room = alice.make_room(bob)
    root = alice.send_text("hello", room)["id"]
    answer = alice.post(CHATS, json={"room_id": room, "message": "what do they say?", "parent_id": root})
    path = f"/api/v1/messages/{answer.json()['id']}/"
    holder = psycopg2.connect(granian.env["DATABASE_URL"])
    with ThreadPoolExecutor(1) as pool, closing(holder), holder.cursor() as reading:
        reading.execute(
            "INSERT INTO chats_thread_member (thread_id, user_id, is_following, read_seq) VALUES (%s, %s, false, 1)",
            [root, bob.id],
        )
        edit = pool.submit(alice.patch, path, json={"message": f"what does @{bob.name} say?"})
        wait_for(lambda: granian.waits_for_lock("chats_thread_"), what="the edit to wait")
        holder.commit()
        assert edit.result().status_code == 200
    follows = {"root_id": root, "room_id": room, "following": True, "read_seq": 1}
    assert bob.get(f"/api/v1/messages/{root}/follow/").json() == follows

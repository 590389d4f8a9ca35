"""The totals of a thread are exact, also where replies are removed or come at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chats.models import Message
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.threads import path_of, person, reply
from users.actions.people import delete_user
from users.models import User

CHATS = "/api/v1/chats/"


def test_a_removed_reply_is_not_counted_and_a_removed_root_keeps_its_replies(
    api_of: Any, recorder: Any, alice: User, bob: User, root: Message
) -> None:
    first, second = reply(bob, root), reply(alice, root)
    record = recorder()
    with CaptureQueriesContext(connection) as queries:
        api_of(bob).delete(path_of(first))
    (thread,) = record.threads()
    # A deletion of those whom the totals show locks people before events, too, and finds their names there.
    statements = [query["sql"] for query in queries]
    people, events, totals = (
        next(index for index, sql in enumerate(statements) if part in sql)
        for part in ("FOR KEY SHARE", "UPDATE events_outbox", "chats_threads(")
    )
    assert people < min(events, totals)
    assert (thread["reply_count"], thread["last_seq"], thread["participants"]) == (1, 2, [person(alice)])
    api_of(alice).delete(path_of(root))
    assert record.threads() == [None]
    assert api_of(bob).get(path_of(root)).json()["thread"]["reply_count"] == 1
    assert reply(bob, root).thread_seq == 3
    for message in (second, Message.objects.get(thread_seq=3)):
        assert api_of(message.sender).delete(path_of(message)).status_code == 204
    assert record.threads()[-1] == {
        "root_id": root.pk,
        "reply_count": 0,
        "last_seq": 3,
        "last_reply_at": None,
        "participants": [],
    }
    assert api_of(bob).get(path_of(root)).json()["thread"] is None


def test_a_deleted_person_is_in_no_thread_by_name(recorder: Any, alice: User, bob: User, root: Message) -> None:
    record = recorder()
    reply(bob, root)
    reply(alice, root)
    delete_user(bob)
    assert "bob" not in "".join(f"{row.body}{row.thread}" for row in record.rows() if row.type == "message.created")


def test_replies_at_the_same_moment_have_exact_totals(granian: Service) -> None:
    people = granian.people(4)
    room = people[0].make_room(*people[1:])
    root = people[0].send_text("hello", room)["id"]
    listening = people[0].listen()

    def act(number: int) -> None:
        writer = people[number % 4]
        body = {"room_id": room, "message": "hai", "parent_id": root}
        made = writer.post(CHATS, json=body).json()
        writer.send_text("plain", room)
        if number % 3 == 0:
            assert writer.delete(f"/api/v1/messages/{made['id']}/").status_code == 204
        writer.put(f"/api/v1/messages/{root}/thread-read-marker/", json={"seq": made["thread_seq"]})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(24)))
    thread = people[0].get(f"/api/v1/messages/{root}/").json()["thread"]
    assert (thread["reply_count"], thread["last_seq"]) == (16, 24)
    listening.wait("message.created", lambda event: event["data"]["seq"] == 49)
    seqs = [event.data["thread"]["last_seq"] for event in listening.events if "thread" in event.data]
    assert (seqs == sorted(seqs), max(seqs)) == (True, 24)
    shown = people[1].get(f"/api/v1/rooms/{room}/").json()
    assert (shown["last_seq"], shown["main_seq"]) == (49, 25)

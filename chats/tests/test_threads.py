"""Threads: replies have a seq of the room and one of the thread, exact totals, and leave the room itself alone."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chats.actions import send_message
from chats.models import Message, Thread, ThreadMember
from chatserver.tests.harness.service import Service
from rooms.actions import archive_room, create_room, remove_member
from rooms.models import Kind, Membership, Room
from users.actions import create_user, delete_user
from users.models import User

CHATS = "/api/v1/chats/"


@pytest.fixture
def root(alice: User, closed: Room) -> Message:
    return send_message(alice, closed.pk, "What shall we eat?")[0]


def path_of(message: Message, part: str = "") -> str:
    return f"/api/v1/messages/{message.pk}/{part}"


def reply(sender: User, root: Message, text: str = "Soup.") -> Message:
    return send_message(sender, root.room_id, text, parent_id=root.pk)[0]


def person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "username": user.username, "display_name": "", "avatar_url": "", "is_deleted": False}


def room_of(api: Any, root: Message) -> dict[str, Any]:
    shown: dict[str, Any] = api.get(f"/api/v1/rooms/{root.room_id}/").json()
    return shown


def test_a_reply_is_in_its_thread_and_not_in_the_room(
    api_of: Any, recorder: Any, alice: User, bob: User, root: Message, django_assert_num_queries: Any
) -> None:
    before = room_of(api_of(bob), root)
    record = recorder()
    body = {"room_id": root.room_id, "message": "Soup.", "parent_id": root.pk}
    with django_assert_num_queries(1):
        answer = api_of(bob).post(CHATS, body, "json")
    shown = answer.json()
    assert (answer.status_code, shown["seq"], shown["main_seq"], shown["thread_seq"]) == (201, 2, 1, 1)
    row, told_author = record.rows()
    followed = {"root_id": root.pk, "room_id": root.room_id, "following": True, "read_seq": 0}
    assert (told_author.topic, told_author.type) == (f"user:{alice.pk}", "thread.updated")
    assert json.loads(told_author.body) == followed
    totals = {"reply_count": 1, "last_seq": 1, "last_reply_at": shown["sent_at"], "participants": [person(bob)]}
    assert json.loads(row.thread) == {"root_id": root.pk} | totals
    reply(alice, root, "Bread.")
    (second,) = record.threads()
    assert (second["root_id"], second["reply_count"], second["last_seq"]) == (root.pk, 2, 2)
    assert second["participants"] == [person(bob), person(alice)]
    after = room_of(api_of(bob), root)
    assert after == before | {"last_seq": 3}
    with django_assert_num_queries(2):
        (page,) = api_of(bob).get(f"/api/v1/rooms/{root.room_id}/messages/").json()["results"]
    assert page["thread"] == {name: value for name, value in second.items() if name != "root_id"}
    assert api_of(bob).get(path_of(root)).json() == page
    replies = api_of(alice).get(path_of(root, "replies/")).json()
    assert [each["message"] for each in replies["results"]] == ["Soup.", "Bread."]
    assert replies["results"][0] == shown | {"reactions": [], "thread": None}
    old = api_of(bob).get(CHATS, {"room_id": root.room_id}).json()
    assert [each["message"] for each in old["messages"]] == ["Bread.", "Soup.", root.text]
    assert old["meta"]["count"] == 3


def test_the_history_has_no_gap_and_no_reply_wherever_a_page_begins(api_of: Any, alice: User, closed: Room) -> None:
    main, replies = [], []
    for number in range(7):
        main.append(send_message(alice, closed.pk, str(number))[0])
        replies += [reply(alice, main[number // 2]) for _ in range(number % 3)]
    api, path = api_of(alice), f"/api/v1/rooms/{closed.pk}/messages/"
    ids = [message.pk for message in main]
    found: list[int] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = api.get(path, query).json()
        found = [each["id"] for each in page["results"]] + found
        if page["previous"] is None:
            break
        query["before"] = page["previous"]
    assert found == ids
    forwards = api.get(path, {"after": ids[1], "limit": 3}).json()
    assert ([each["id"] for each in forwards["results"]], forwards["next"]) == (ids[2:5], ids[4])
    about = next(each for each in replies if each.seq > main[4].seq)
    for query in ({"around": about.pk}, {"around_seq": about.seq}):
        assert ids[4] in [each["id"] for each in api.get(path, query | {"limit": 3}).json()["results"]]
    assert [each["id"] for each in api.get(path, {"before": about.pk, "limit": 1}).json()["results"]] == [ids[4]]
    assert room_of(api, main[0])["last_message"]["id"] == ids[-1]


def test_what_is_unread_in_a_room_are_no_replies(api_of: Any, alice: User, bob: User, root: Message) -> None:
    reply(alice, root)
    send_message(alice, root.room_id, "one more")
    reply(alice, root)
    api = api_of(bob)
    assert room_of(api, root)["unread"] == 2
    marker = api.put(f"/api/v1/rooms/{root.room_id}/read-marker/", {"seq": 2}, "json").json()
    assert (marker["seq"], marker["read_main_seq"], marker["unread"]) == (2, 1, 1)
    api.put("/api/v1/read-marker/")
    assert room_of(api, root)["unread"] == 0
    refused = api.put(f"/api/v1/rooms/{root.room_id}/read-marker/", {"unread_from": reply(bob, root).pk}, "json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "unread_from")


def test_who_writes_or_replies_follows_and_sees_what_is_unread(
    api_of: Any, recorder: Any, alice: User, bob: User, root: Message, django_assert_num_queries: Any
) -> None:
    reply(bob, root)
    reply(bob, root)
    with django_assert_num_queries(2):
        (mine,) = api_of(alice).get("/api/v1/threads/?unread=true").json()["results"]
    assert (mine["root_id"], mine["following"], mine["read_seq"], mine["unread"]) == (root.pk, True, 0, 2)
    assert mine["root"] == api_of(alice).get(path_of(root)).json()
    assert api_of(bob).get("/api/v1/threads/?unread=true").json()["results"] == []
    assert len(api_of(bob).get("/api/v1/threads/").json()["results"]) == 1
    assert api_of(alice).get("/api/v1/unread/").json()["threads"] == 1
    record = recorder()
    for _ in range(2):
        answer = api_of(alice).put(path_of(root, "thread-read-marker/"), {"seq": 2}, "json")
        assert (answer.status_code, answer.json()["read_seq"]) == (200, 2)
    told = {"root_id": root.pk, "room_id": root.room_id, "following": True, "read_seq": 2}
    assert record.events() == [(f"user:{alice.pk}", "thread.updated", told)]
    assert api_of(alice).get("/api/v1/unread/").json()["threads"] == 0
    assert api_of(alice).put(path_of(root, "thread-read-marker/"), {"seq": 3}, "json").status_code == 400


def test_a_thread_is_followed_and_no_longer(api_of: Any, recorder: Any, bob: User, alice: User, root: Message) -> None:
    record = recorder()
    for _ in range(2):
        assert api_of(bob).put(path_of(root, "follow/")).json()["following"] is True
    assert api_of(bob).get(path_of(root)).json()["thread"] is None
    reply(alice, root)
    assert api_of(bob).get("/api/v1/threads/?unread=true").json()["results"][0]["unread"] == 1
    for _ in range(2):
        assert api_of(bob).delete(path_of(root, "follow/")).status_code == 204
    assert api_of(bob).get(path_of(root, "follow/")).json()["following"] is False
    assert api_of(bob).get("/api/v1/threads/").json()["results"] == []
    followed = [body["following"] for _, event, body in record.events() if event == "thread.updated"]
    # The second is that of the first reply: before it, the thread was in no list.
    assert followed == [True, True, False]


def test_who_begins_to_follow_a_thread_hears_it_and_nobody_else(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, root: Message
) -> None:
    dana = create_user("dana")
    member = Membership.objects.create(room=root.room, user=dana)
    api_of(dana).put(path_of(root, "follow/"))
    record = recorder()

    def told() -> list[tuple[str, int]]:
        """To whom, and how far they have read."""
        return [(topic, body["read_seq"]) for topic, event, body in record.events() if event == "thread.updated"]

    first = reply(bob, root)
    assert told() == [(f"user:{user.pk}", 0) for user in sorted((alice, dana), key=lambda user: user.pk)]
    reply(bob, root, "@alice, @dana: bread.")
    assert told() == []
    api_of(dana).delete(path_of(root, "follow/"))
    record.events()
    reply(bob, root, "@dana @charlie, stew.")
    assert told() == [(f"user:{dana.pk}", 0)]
    api_of(dana).delete(path_of(root, "follow/"))
    record.events()
    api_of(bob).patch(path_of(first), {"message": "@dana, soup."}, "json")
    assert told() == [(f"user:{dana.pk}", 0)]
    api_of(bob).patch(path_of(first), {"message": "@dana: soup."}, "json")
    assert told() == []
    remove_member(member, member)
    record.events()
    api_of(bob).delete(path_of(first))
    reply(alice, root)
    assert told() == []
    assert not ThreadMember.objects.filter(user=charlie).exists()


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
        for part in ("FOR KEY SHARE", "UPDATE events_outbox", "chats_thread_people(")
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


def test_what_can_be_no_parent_is_refused(api_of: Any, recorder: Any, alice: User, bob: User, root: Message) -> None:
    inner = reply(alice, root)
    elsewhere = send_message(alice, create_room(alice, [bob], name="other", kind=Kind.CLOSED).pk, "there")[0]
    removed = send_message(alice, root.room_id, "gone")[0]
    api_of(alice).delete(path_of(removed))
    record = recorder()
    for parent, status, code in (
        (inner.pk, 400, "invalid"),
        (elsewhere.pk, 404, "message_not_found"),
        (2**62, 404, "message_not_found"),
        (removed.pk, 409, "message_removed"),
        ("x", 400, "invalid"),
    ):
        answer = api_of(bob).post(CHATS, {"room_id": root.room_id, "message": "?", "parent_id": parent}, "json")
        assert (answer.status_code, answer.json()["code"]) == (status, code), parent
    direct = api_of(bob).post(CHATS, {"user_id": alice.pk, "message": "?", "parent_id": root.pk}, "json")
    assert (direct.status_code, direct.json()["code"]) == (404, "message_not_found")
    assert record.rows() == []


def test_a_reply_that_is_sent_again_is_the_same_and_another_parent_is_none(
    api_of: Any, bob: User, root: Message
) -> None:
    body = {"room_id": root.room_id, "message": "Soup.", "parent_id": root.pk, "client_message_id": "once"}
    answers = [api_of(bob).post(CHATS, body, "json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    other = api_of(bob).post(CHATS, body | {"parent_id": None}, "json")
    assert (other.status_code, other.json()["code"]) == (409, "client_message_id_used")
    assert Thread.objects.get().reply_count == 1


def test_those_who_left_have_no_thread_there_and_nobody_replies_in_an_archive(
    api_of: Any, alice: User, bob: User, root: Message
) -> None:
    reply(bob, root)
    members = Membership.objects.select_related("room", "user").filter(room=root.room_id)
    owner, member = members.get(user=alice), members.get(user=bob)
    remove_member(owner, member)
    assert api_of(bob).get("/api/v1/threads/").json()["results"] == []
    for part in ("replies/", "follow/"):
        assert api_of(bob).get(path_of(root, part)).status_code == 404
    archive_room(owner)
    answer = api_of(alice).post(CHATS, {"room_id": root.room_id, "message": "?", "parent_id": root.pk}, "json")
    assert answer.json()["code"] == "room_archived"


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


def test_a_thread_member_is_one_row(alice: User, bob: User, root: Message) -> None:
    for _ in range(3):
        reply(bob, root)
    assert sorted(ThreadMember.objects.values_list("user", "replies", "read_seq")) == sorted(
        [(bob.pk, 3, 3), (alice.pk, 0, 0)]
    )

"""Threads: replies have a seq of the room and one of the thread, and leave the room itself alone."""

import json
from typing import Any

from chats.actions.messages import send_message
from chats.models import Message, Thread
from chatserver.tests.harness.threads import path_of, person, reply
from rooms.actions.members import remove_member
from rooms.actions.rooms import archive_room, create_room
from rooms.models import Kind, Membership, Room
from users.models import User

CHATS = "/api/v1/chats/"


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

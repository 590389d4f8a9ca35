"""Those who write, reply, are mentioned or ask to follow a thread, and see what is unread in it."""

from typing import Any

from chats.models import Message, ThreadMember
from chatserver.tests.harness.threads import path_of, reply
from rooms.actions.members import remove_member
from rooms.models import Membership
from users.actions.people import create_user
from users.models import User


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


def test_a_thread_member_is_one_row(alice: User, bob: User, root: Message) -> None:
    for _ in range(3):
        reply(bob, root)
    assert sorted(ThreadMember.objects.values_list("user", "replies", "read_seq")) == sorted(
        [(bob.pk, 3, 3), (alice.pk, 0, 0)]
    )

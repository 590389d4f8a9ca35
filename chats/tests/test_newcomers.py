"""Who joined a room that shows its history from joining on sees nothing older, whatever they ask for."""

from typing import Any, NamedTuple

import pytest

from chats import notifications
from chats.actions import send_message
from chats.changes import edit_message
from chats.models import Mention, Message, ThreadMember
from chatserver.events import log
from chatserver.events.sequencer import sequence
from chatserver.tests.harness.service import Service
from rooms.actions import add_members, create_room, remove_member
from rooms.models import Kind, Membership, Room
from users.actions import create_user
from users.models import User

CHATS = "/api/v1/chats/"
THUMB = "reactions/%F0%9F%91%8D/"


class Story(NamedTuple):
    """Charlie wrote, left, and came back. `hidden` are their question, and the replies to it from before and since."""

    room: Room
    hidden: list[Message]
    seen: list[Message]

    @property
    def url(self) -> str:
        return f"/api/v1/rooms/{self.room.pk}/"


@pytest.fixture
def story(alice: User, bob: User, charlie: User) -> Story:
    room = create_room(alice, [bob, charlie], name="Launch", kind=Kind.CLOSED, history="from_joining")

    def say(sender: User, text: str, parent: Message | None = None) -> Message:
        return send_message(sender, room.pk, text, parent_id=parent and parent.pk)[0]

    say(alice, "hello")
    question = say(charlie, "What shall we eat?")
    soup = say(bob, "Soup.", question)
    owner, member = Membership.objects.get(room=room, user=alice), Membership.objects.get(room=room, user=charlie)
    remove_member(owner, member)
    add_members(owner, [charlie])
    news = say(alice, "@charlie, there is news.")
    bread = say(bob, "Bread, @charlie.", question)
    return Story(room, [question, soup, bread], [news, say(bob, "Good.", news)])


REQUESTS: dict[str, tuple[str, str, Any]] = {
    "it": ("get", "", None),
    "edit": ("patch", "", {"message": "other"}),
    "remove": ("delete", "", None),
    "replies": ("get", "replies/", None),
    "reactions": ("get", "reactions/", None),
    "react": ("put", THUMB, None),
    "unreact": ("delete", THUMB, None),
    "pin": ("put", "pin/", None),
    "unpin": ("delete", "pin/", None),
    "earlier texts": ("get", "edits/", None),
    "readers": ("get", "readers/", None),
    "follows": ("get", "follow/", None),
    "follow": ("put", "follow/", None),
    "unfollow": ("delete", "follow/", None),
    "read a thread": ("put", "thread-read-marker/", {"seq": 1}),
}


def send(api: Any, method: str, path: str, body: Any) -> Any:
    return getattr(api, method)(path) if body is None else getattr(api, method)(path, body, "json")


@pytest.mark.parametrize("name", REQUESTS)
def test_what_is_older_is_not_there_nor_are_replies_to_it(
    name: str, api_of: Any, recorder: Any, alice: User, charlie: User, story: Story
) -> None:
    method, part, body = REQUESTS[name]
    # An owner may do all of this, but edit.
    Membership.objects.filter(room=story.room, user=charlie).update(role="owner")
    outsider = create_user("eve")
    record = recorder()
    for message in story.hidden:
        path = f"/api/v1/messages/{message.pk}/{part}"
        for person in (charlie, outsider):
            refused = (
                getattr(api_of(person), method)(path, body, "json") if body else getattr(api_of(person), method)(path)
            )
            assert (refused.status_code, refused.json()["code"]) == (404, "message_not_found")
    assert record.rows() == []
    path = f"/api/v1/messages/{story.seen[0].pk}/{part}"
    answer = send(api_of(charlie), method, path, body)
    assert answer.status_code == 403 if name == "edit" else answer.status_code < 300


def test_the_history_begins_with_the_first_message_since(
    api_of: Any, bob: User, charlie: User, story: Story, django_assert_num_queries: Any
) -> None:
    messages = story.url + "messages/"
    news, _ = story.seen
    entry = Message.objects.get(room=story.room, is_system=True, metadata__contains="members_added")
    with django_assert_num_queries(2):
        page = api_of(charlie).get(messages).json()
    assert ([each["id"] for each in page["results"]], page["previous"], page["next"]) == (
        [entry.pk, news.pk],
        None,
        None,
    )
    assert [(each["main_seq"], each["place"]) for each in page["results"]] == [(2, 4), (3, 5)]
    for query in (f"around_seq={story.hidden[0].seq}", "around_seq=0", "after=0", f"around={news.pk}"):
        assert api_of(charlie).get(f"{messages}?{query}").json() == page
    assert api_of(charlie).get(f"{messages}?before={entry.pk}").json() == {
        "results": [],
        "next": None,
        "previous": None,
    }
    for message in story.hidden:
        for side in ("before", "after", "around"):
            assert api_of(charlie).get(f"{messages}?{side}={message.pk}").status_code == 404
            assert api_of(bob).get(f"{messages}?{side}={message.pk}").status_code == 200
    for text in ("two", "three"):
        send_message(bob, story.room.pk, text)
    newest = api_of(charlie).get(f"{messages}?limit=2").json()
    older = api_of(charlie).get(f"{messages}?limit=2&before={newest['previous']}").json()
    assert ([each["id"] for each in older["results"]], older["previous"]) == ([entry.pk, news.pk], None)


def test_a_room_that_has_only_older_messages_shows_how_one_came(api_of: Any, alice: User, story: Story) -> None:
    dora = create_user("dora")
    add_members(Membership.objects.select_related("room").get(room=story.room, user=alice), [dora])
    for query in ("", "?around_seq=1", "?after=0"):
        page = api_of(dora).get(f"{story.url}messages/{query}").json()
        assert ([each["metadata"]["user_ids"] for each in page.pop("results")]) == [[dora.pk]]
        assert page == {"next": None, "previous": None}
    (shown,) = (room for room in api_of(dora).get("/api/v1/sync/").json()["rooms"] if room["id"] == story.room.pk)
    assert (shown["last_message"]["kind"], shown["unread"], shown["mentions"]) == ("system", 0, 0)
    # Not even that, where it was not told.
    membership = Membership.objects.get(room=story.room, user=dora)
    Membership.objects.filter(pk=membership.pk).update(visible_from_seq=membership.visible_from_seq + 1)
    nothing = {"results": [], "next": None, "previous": None}
    for query in ("", "?around_seq=1", "?after=0"):
        assert api_of(dora).get(f"{story.url}messages/{query}").json() == nothing
    assert api_of(dora).get(story.url).json()["last_message"] is None
    send_message(alice, story.room.pk, "hai")
    assert api_of(dora).get(story.url).json()["last_message"]["message"] == "hai"


def test_the_old_list_has_what_one_may_see(api_of: Any, bob: User, charlie: User, story: Story) -> None:
    path = f"{CHATS}?room_id={story.room.pk}"
    ids = [message.pk for message in reversed(story.seen)]
    page = api_of(charlie).get(path).json()
    assert ([each["id"] for each in page["messages"]], page["meta"]["count"]) == (ids, 2)
    assert api_of(charlie).get(f"{path}&page=2&page_size=2").status_code == 404
    assert api_of(bob).get(path).json()["meta"]["count"] == 6


def test_nobody_replies_to_what_they_do_not_see(
    api_of: Any, recorder: Any, bob: User, charlie: User, story: Story
) -> None:
    body = {"room_id": story.room.pk, "message": "hai", "parent_id": story.hidden[0].pk}
    record = recorder()
    refused = api_of(charlie).post(CHATS, body, "json")
    assert (refused.status_code, refused.json()["code"]) == (404, "message_not_found")
    assert refused.json() | {"request_id": ""} == api_of(charlie).post(
        CHATS, body | {"parent_id": 2**40}, "json"
    ).json() | {"request_id": ""}
    assert record.rows() == []
    assert api_of(bob).post(CHATS, body, "json").status_code == 201


def test_a_repeat_does_not_show_what_is_older(api_of: Any, charlie: User, story: Story) -> None:
    Message.objects.filter(pk=story.hidden[0].pk).update(client_message_id="asked")
    body = {"room_id": story.room.pk, "message": story.hidden[0].text, "client_message_id": "asked"}
    answer = api_of(charlie).post(CHATS, body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "client_message_id_used")


def test_what_is_unread_is_what_one_sees(api_of: Any, charlie: User, story: Story) -> None:
    """The reply to their old question mentions them, and they follow its thread, as that of the news."""
    assert Mention.objects.filter(user=charlie).values_list("message", flat=True).get() == story.seen[0].pk
    followed = ThreadMember.objects.filter(user=charlie, is_following=True).values_list("thread", flat=True)
    assert set(followed) == {story.hidden[0].pk, story.seen[0].pk}
    unread = api_of(charlie).get("/api/v1/unread/").json()
    assert unread["rooms"] == [{"room_id": story.room.pk, "unread": 1, "mentions": 1}]
    assert unread["threads"] == 1
    for query in ("", "?unread=true"):
        (thread,) = api_of(charlie).get(f"/api/v1/threads/{query}").json()["results"]
        assert (thread["root_id"], thread["unread"]) == (story.seen[0].pk, 1)
    marker = story.url + "read-marker/"
    for message in story.hidden:
        assert api_of(charlie).put(marker, {"unread_from": message.pk}, "json").status_code == 404
    moved = api_of(charlie).put(marker, {"unread_from": story.seen[0].pk}, "json").json()
    assert (moved["seq"], moved["unread"]) == (story.seen[0].seq - 1, 1)


def test_pins_are_those_that_one_sees(api_of: Any, alice: User, charlie: User, story: Story) -> None:
    for message in (story.hidden[0], story.seen[0]):
        assert api_of(alice).put(f"/api/v1/messages/{message.pk}/pin/").status_code == 204
    pins = {person: api_of(person).get(story.url + "pins/").json()["results"] for person in (alice, charlie)}
    assert [pin["id"] for pin in pins[alice]] == [story.hidden[0].pk, story.seen[0].pk]
    assert [pin["id"] for pin in pins[charlie]] == [story.seen[0].pk]


def test_an_edit_mentions_only_those_who_see_it(bob: User, charlie: User, story: Story) -> None:
    _, soup, bread = story.hidden
    for message in (soup, bread):
        edit_message(bob, message, "Cake, @charlie!")
    assert Mention.objects.filter(user=charlie).count() == 1


def test_nobody_is_to_be_notified_of_what_they_do_not_see(charlie: User, story: Story) -> None:
    messages = [story.hidden[2].pk, *(message.pk for message in story.seen)]
    told = {(each.message_id, each.user_id) for each in notifications.recipients_of(messages)}
    assert (story.seen[0].pk, charlie.pk) in told
    assert (story.hidden[2].pk, charlie.pk) not in told


def test_events_about_what_is_older_are_for_others_alone(
    api_of: Any, alice: User, bob: User, charlie: User, story: Story
) -> None:
    """All that happens to a message, once to the question and its replies, once to what charlie sees."""
    sequence()
    start = log.position()

    def touch(message: Message) -> None:
        path = f"/api/v1/messages/{message.pk}/"
        for person, method, part in (
            (alice, "put", THUMB),
            (alice, "delete", THUMB),
            (alice, "put", "pin/"),
            (alice, "delete", "pin/"),
        ):
            assert getattr(api_of(person), method)(path + part).status_code == 204

    def heard(person: User) -> list[tuple[str, int]]:
        sequence()
        events = api_of(person).get(f"/api/v1/events/?after={start}").json()["results"]
        return [(event["type"], event["data"].get("message_id") or event["data"]["id"]) for event in events]

    touched = [*story.hidden, *story.seen]
    for message in touched:
        touch(message)
    edit_message(bob, story.hidden[1], "Cake.")
    edit_message(bob, story.seen[1], "Bad.")
    for message in (story.hidden[2], story.seen[1], story.hidden[0], story.seen[0]):
        assert api_of(alice).delete(f"/api/v1/messages/{message.pk}/").status_code == 204
    seen = {message.pk for message in story.seen}
    assert {about for _, about in heard(bob)} == {message.pk for message in touched}
    assert heard(charlie) == [event for event in heard(bob) if event[1] in seen]
    assert {name for name, _ in heard(charlie)} == {
        "reaction.added",
        "reaction.removed",
        "message.updated",
        "message.deleted",
    }


def test_a_stream_hears_nothing_about_what_is_older_live_or_later(granian: Service) -> None:
    alice, bob, charlie = granian.people(3)
    body = {"name": "Launch", "members": [bob.id], "history": "from_joining"}
    room_id = alice.post("/api/v1/rooms/", json=body).json()["id"]
    old = bob.send_text("old", room_id)
    there, newcomer = bob.listen(), charlie.listen()
    start = newcomer.last_event_id
    assert alice.post(f"/api/v1/rooms/{room_id}/members/", json={"user_id": charlie.id}).status_code == 201

    def touch(message: dict[str, Any]) -> None:
        path = f"/api/v1/messages/{message['id']}/"
        assert alice.put(path + THUMB).status_code == 204
        typing = alice.post(f"/api/v1/rooms/{room_id}/typing/", json={"parent_id": message["id"]})
        assert typing.status_code == 204
        assert bob.patch(path, json={"message": "other"}).status_code == 200
        alice.send_text("a reply", room_id, parent_id=message["id"])
        assert alice.delete(path).status_code == 204

    def heard(events: list[dict[str, Any]]) -> list[tuple[str, int]]:
        messages = [event for event in events if event["type"].partition(".")[0] in {"message", "reaction"}]
        return [(event["type"], event["data"]["seq"]) for event in messages]

    touch(old)
    new = bob.send_text("new", room_id)
    touch(new)
    touch(old | {"id": bob.send_text("newer", room_id)["id"]})
    last = bob.send_text("last", room_id)
    for stream in (there, newcomer):
        stream.wait("message.created", lambda event: event["data"]["id"] == last["id"])
    live = heard([event.data for event in newcomer.events if event.name not in {"hello"}])
    everything = heard([event.data for event in there.events if event.name not in {"hello"}])
    # The question, and the reply to it from after they came, which they see as the second message.
    assert live == [event for event in everything if event[1] not in {1, 3}]
    hidden = {name for name, seq in everything if seq in {1, 3}}
    assert hidden >= {"message.created", "message.updated", "message.deleted", "reaction.added"}
    typing = [[event.data["data"]["parent_id"] for event in each.named("typing.started")] for each in (there, newcomer)]
    assert old["id"] in typing[0]
    assert typing[1] == [parent_id for parent_id in typing[0] if parent_id != old["id"]]
    # Again from memory, and from the log.
    again = charlie.listen(start)
    again.wait("message.created", lambda event: event["data"]["id"] == last["id"])
    assert heard([event.data for event in again.events if event.name != "hello"]) == live
    page = charlie.get(f"/api/v1/events/?after={start}&limit=1000").json()
    assert heard(page["results"]) == live

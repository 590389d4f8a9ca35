"""Who joined a room that shows its history from joining on sees nothing older, whatever they ask for."""

from typing import Any

import pytest

from chats.actions import notifications
from chats.actions.changes import edit_message
from chats.models import Mention, Message, ThreadMember
from chatserver.tests.harness.newcomers import THUMB, Story
from rooms.models import Membership
from users.actions.people import create_user
from users.models import User

CHATS = "/api/v1/chats/"
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

"""The pages of a room that shows its history from joining on begin with the first message that one may see."""

from typing import Any

from chats.actions.messages import send_message
from chats.models import Message
from chatserver.tests.harness.newcomers import Story
from rooms.actions.members import add_members
from rooms.models import Membership
from users.actions.people import create_user
from users.models import User

CHATS = "/api/v1/chats/"


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

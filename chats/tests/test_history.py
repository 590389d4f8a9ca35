"""A room's history is paged by message ids, oldest to newest, for those who are in it."""

from typing import Any

import pytest
from django.utils import timezone

from chats.actions.changes import remove_message
from chats.actions.messages import send_message
from chats.models import Message
from chats.serializers.messages import shown_messages
from rooms.actions.members import remove_member
from rooms.actions.rooms import open_direct_room
from rooms.models import Membership, Room
from users.models import User


@pytest.fixture
def ten(alice: User, bob: User, closed: Room, open_room: Room) -> list[int]:
    """The ids of ten messages of the closed room. Between them others are sent elsewhere."""
    made = []
    for number in range(10):
        made.append(send_message((alice, bob)[number % 2], closed.pk, f"text {number}")[0].pk)
        send_message(alice, open_room.pk, "elsewhere")
    return made


def url(room: Room, query: str = "") -> str:
    return f"/api/v1/rooms/{room.pk}/messages/?{query}"


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [message["id"] for message in answer.json()["results"]]


def test_without_a_cursor_it_is_the_newest_page(api_of: Any, bob: User, closed: Room, ten: list[int]) -> None:
    answer = api_of(bob).get(url(closed, "limit=4"))
    assert ids(answer) == ten[6:]
    assert (answer.json()["next"], answer.json()["previous"]) == (None, ten[6])
    assert [message["seq"] for message in answer.json()["results"]] == [7, 8, 9, 10]
    assert ids(api_of(bob).get(url(closed))) == ten


def test_before_leads_to_the_beginning(api_of: Any, bob: User, closed: Room, ten: list[int]) -> None:
    client = api_of(bob)
    seen: list[int] = []
    page = client.get(url(closed, "limit=3"))
    while True:
        seen = ids(page) + seen
        if page.json()["previous"] is None:
            break
        page = client.get(url(closed, f"limit=3&before={page.json()['previous']}"))
        assert page.json()["next"] == ids(page)[-1]
    assert seen == ten


def test_after_leads_to_the_end(api_of: Any, bob: User, closed: Room, ten: list[int]) -> None:
    client = api_of(bob)
    seen: list[int] = []
    page = client.get(url(closed, "limit=3&after=0"))
    assert page.json()["previous"] is None
    while True:
        seen += ids(page)
        if page.json()["next"] is None:
            break
        page = client.get(url(closed, f"limit=3&after={page.json()['next']}"))
    assert seen == ten
    assert ids(client.get(url(closed, f"after={ten[-1]}"))) == []


def test_around_shows_a_message_among_its_neighbours(api_of: Any, bob: User, closed: Room, ten: list[int]) -> None:
    client = api_of(bob)
    assert ids(client.get(url(closed, f"around={ten[5]}&limit=4"))) == ten[3:7]
    assert ids(client.get(url(closed, f"around={ten[5]}&limit=1"))) == [ten[5]]
    assert ten[0] in ids(client.get(url(closed, f"around={ten[0]}&limit=2")))
    assert ten[9] in ids(client.get(url(closed, f"around={ten[9]}&limit=2")))
    page = client.get(url(closed, f"around={ten[5]}&limit=2")).json()
    assert (page["previous"], page["next"]) == (ten[4], ten[5])


def test_a_message_among_its_neighbours_may_be_found_by_its_seq(
    api_of: Any, bob: User, closed: Room, ten: list[int]
) -> None:
    client = api_of(bob)
    assert ids(client.get(url(closed, "around_seq=6&limit=4"))) == ten[3:7]
    assert ids(client.get(url(closed, "around_seq=0&limit=2"))) == ten[:2]
    assert ten[9] in ids(client.get(url(closed, "around_seq=9000&limit=4")))
    page = client.get(url(closed, "around_seq=6&limit=2")).json()
    assert (page["previous"], page["next"]) == (ten[4], ten[5])


def test_an_empty_room_has_an_empty_page(api_of: Any, alice: User, bob: User, closed: Room) -> None:
    for query in ("", "after=0", "before=0", "around=0", "around_seq=0", "around_seq=7"):
        assert api_of(bob).get(url(closed, query)).json() == {"results": [], "next": None, "previous": None}


def test_a_message_of_another_room_leads_nowhere(
    api_of: Any, bob: User, closed: Room, open_room: Room, ten: list[int]
) -> None:
    for side in ("before", "after", "around"):
        for message in (ten[0], 10**15):
            answer = api_of(bob).get(url(open_room, f"{side}={message}"))
            assert (answer.status_code, answer.json()["code"]) == (404, "message_not_found")


def test_only_members_read_it(
    api_of: Any, alice: User, bob: User, charlie: User, closed: Room, open_room: Room, ten: list[int]
) -> None:
    assert api_of(bob).get(url(closed)).status_code == 200
    members = Membership.objects.select_related("room", "user").filter(room=closed)
    remove_member(members.get(user=alice), members.get(user=bob))
    for person, room, status in ((bob, closed, 404), (charlie, closed, 404), (charlie, open_room, 403)):
        answer = api_of(person).get(url(room))
        assert answer.status_code == status
        assert b"text" not in answer.content
        assert api_of(person).get(f"/api/v1/chats/?room_id={room.pk}").status_code == status


def test_a_removed_message_keeps_its_place_without_its_text(
    api_of: Any, recorder: Any, alice: User, bob: User, closed: Room
) -> None:
    message, _ = send_message(alice, closed.pk, "a secret")
    record = recorder()
    remove_message(message, actor=alice)
    remove_message(message, actor=alice)
    answer = api_of(bob).get(url(closed))
    (shown,) = answer.json()["results"]
    assert (shown["id"], shown["seq"], shown["message"]) == (message.pk, 1, "")
    assert shown["removed_at"] is not None
    assert (shown.pop("reactions"), shown.pop("thread")) == ([], None)
    assert record.events() == [(closed.topic, "message.deleted", shown)]
    message.refresh_from_db()
    assert message.text == ""


@pytest.mark.parametrize(
    "query",
    [
        "before=1&around=1",
        "around=1&around_seq=1",
        "around_seq=-1",
        "before=1&after=1",
        "before=1&after=1&around=1",
        "before=-1",
        "before=x",
        "before=",
        "before=%00",
        "before=99999999999999999999",
        "around=9223372036854775808",
        "after=1.5",
        "after=%F0%9D%9F%99",
        "limit=0",
        "limit=101",
        "limit=-5",
        "limit=9999999999999999999999",
        "limit=ten",
        "limit=%2B5",
    ],
)
def test_a_query_that_means_nothing_is_400(api_of: Any, bob: User, closed: Room, ten: list[int], query: str) -> None:
    answer = api_of(bob).get(url(closed, query))
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["field"] in query


def test_no_cursor_shows_an_outsider_whether_a_room_exists(
    api_of: Any, charlie: User, closed: Room, ten: list[int]
) -> None:
    nowhere = Room(pk=10**15)
    for query in ("", "before=x", "before=-1", "limit=0", "before=1&after=1", f"before={ten[3]}", f"around={10**15}"):
        there, not_there = (api_of(charlie).get(url(room, query)) for room in (closed, nowhere))
        told = [(answer.status_code, answer.json() | {"request_id": ""}) for answer in (there, not_there)]
        assert told[0] == told[1]
        assert told[0][0] in {400, 404}


@pytest.mark.parametrize("query", ["limit=1", "limit=100", "before={}", "after={}", "around={}", "after={last}"])
def test_a_page_is_one_query_wherever_it_stands_and_however_long_it_is(
    api_of: Any, bob: User, closed: Room, ten: list[int], query: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        api_of(bob).get(url(closed, query.format(ten[4], last=ten[9])))


def test_a_page_shows_messages_as_everything_else_does(api_of: Any, alice: User, bob: User) -> None:
    """They are read by a function of the database, not as models."""
    direct, _ = open_direct_room(alice, bob)
    remove_message(send_message(bob, direct.pk, "a secret")[0], actor=bob)
    send_message(alice, direct.pk, 'a "text" – \\ \n\x7f 🙂', client_message_id="of alice")
    User.objects.filter(pk=bob.pk).update(
        display_name="Bob", avatar_url="https://example.org/b", deleted_at=timezone.now()
    )
    models = Message.objects.filter(room=direct).select_related("sender").order_by("seq")
    assert api_of(alice).get(url(direct)).json()["results"] == list(
        shown_messages(alice, [message.record for message in models])
    )

"""GET /api/v1/users/online/"""

import uuid
from typing import Any

import pytest
import redis

from chatserver.events import log
from chatserver.events.models import Subscription
from chatserver.events.sequencer import sequence
from chatserver.storage.redis_client import redis_client
from chatserver.tests.harness.answers import assert_problem
from rooms.models import Membership
from users import presence
from users.actions.people import create_user, delete_user
from users.models import User

PATHS = ["/api/v1/users/online", "/api/v1/users/online/"]


pytestmark = pytest.mark.usefixtures("own_presence")


def come_online(*people: User) -> None:
    while sequence():
        pass
    presence.open_streams([(user.pk, uuid.uuid4().hex) for user in people])


def online(answer: Any) -> list[int]:
    assert answer.status_code == 200
    return [person["id"] for person in answer.json()["results"]]


def acquaint(number: int, *people: User) -> None:
    """As if they were in a room."""
    topic, position = f"test:{number}", log.position()
    rows = [Subscription(user_id=person.pk, topic=topic, since=position) for person in people]
    Subscription.objects.bulk_create(rows)


@pytest.mark.parametrize("path", PATHS)
def test_a_user_with_an_open_stream_is_online(
    alice: User, bob: User, charlie: User, api_of: Any, path: str, django_assert_num_queries: Any
) -> None:
    come_online(alice, bob)
    acquaint(1, alice, bob, charlie)
    client = api_of(charlie)
    with django_assert_num_queries(2):
        answer = client.get(path)
    assert online(answer) == [alice.pk, bob.pk]
    assert answer.json()["results"][0] == {
        "id": alice.pk,
        "username": "alice",
        "display_name": "",
        "avatar_url": "",
        "is_deleted": False,
        "status": "online",
    }


def test_users_who_share_no_room_but_general_do_not_see_it(alice: User, bob: User, charlie: User, api_of: Any) -> None:
    come_online(alice, bob, charlie)
    acquaint(1, alice, bob)
    assert online(api_of(alice).get(PATHS[0])) == [alice.pk, bob.pk]
    assert online(api_of(charlie).get(PATHS[0])) == [charlie.pk]


def test_in_a_large_room_people_do_not_see_it(
    alice: User, bob: User, api_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_online(alice, bob)
    acquaint(1, alice, bob)
    for largest, seen in ((2, [alice.pk, bob.pk]), (1, [alice.pk])):
        monkeypatch.setattr(presence, "LARGEST_PRESENCE_ROOM", largest)
        assert online(api_of(alice).get(PATHS[0])) == seen


@pytest.fixture
def crowd(alice: User) -> list[User]:
    """Many people whom alice knows; all online."""
    names = [f"person{number}" for number in range(250)]
    people = [create_user(name) for name in names]
    come_online(alice, *people)
    for number in range(2):
        acquaint(number, alice, *people[number * 125 : (number + 1) * 125])
    return [alice, *people]


def test_pages_lead_through_all_in_both_directions(crowd: list[User], api_of: Any) -> None:
    client = api_of(crowd[0])
    ids = [user.pk for user in crowd]
    pages = [client.get(PATHS[1], {"limit": 100}).json()]
    assert pages[0]["previous"] is None
    while pages[-1]["next"] is not None:
        pages.append(client.get(PATHS[1], {"limit": 100, "after": pages[-1]["next"]}).json())
    assert [person["id"] for page in pages for person in page["results"]] == ids
    back = client.get(PATHS[1], {"limit": 100, "before": pages[-1]["previous"]}).json()
    assert back["results"] == pages[-2]["results"]
    assert (back["previous"], back["next"]) == (pages[-2]["previous"], pages[-2]["next"])
    assert len(client.get(PATHS[1]).json()["results"]) == 50


def test_some_are_asked_for_by_their_ids(
    alice: User, bob: User, charlie: User, api_of: Any, django_assert_num_queries: Any
) -> None:
    come_online(alice, bob)
    client = api_of(charlie)
    with django_assert_num_queries(1):
        answer = client.get(f"{PATHS[1]}?ids={bob.pk},{charlie.pk},999999999")
    assert online(answer) == [bob.pk]
    assert (answer.json()["next"], answer.json()["previous"]) == (None, None)
    assert online(client.get(f"{PATHS[1]}?ids={alice.pk}&ids={bob.pk}")) == [alice.pk, bob.pk]


@pytest.mark.parametrize("directory", ["rooms", "nobody"])
def test_where_the_directory_is_narrow_strangers_are_not_told(
    alice: User, bob: User, charlie: User, api_of: Any, settings: Any, directory: str
) -> None:
    come_online(alice, bob, charlie)
    settings.CHAT_DIRECTORY = directory
    Membership.objects.filter(user=charlie).delete()
    ids = f"{PATHS[1]}?ids={alice.pk},{bob.pk},{charlie.pk}"
    assert online(api_of(charlie).get(ids)) == [charlie.pk]
    assert online(api_of(alice).get(ids)) == [alice.pk, bob.pk]


def test_as_many_as_may_be_asked_for_are_one_page(crowd: list[User], api_of: Any) -> None:
    ids = [str(user.pk) for user in crowd[:101]]
    client = api_of(crowd[0])
    page = client.get(PATHS[1], {"ids": ",".join(ids[:100])}).json()
    assert ([str(person["id"]) for person in page["results"]], page["next"]) == (ids[:100], None)
    assert_problem(client.get(PATHS[1], {"ids": ",".join(ids)}), 400, "invalid", field="ids")


@pytest.mark.parametrize("junk", ["", "x", "1,", "-1", "1;2", "%00", "9" * 20, "1.0", "1, 2", "٣"])
def test_an_invalid_id_is_400(alice: User, api_of: Any, junk: str) -> None:
    assert_problem(api_of(alice).get(f"{PATHS[1]}?ids={junk}"), 400, "invalid", field="ids")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "after=x", "before=1&after=1", "around=1", "around_seq=1"])
def test_an_invalid_cursor_is_400(alice: User, api_of: Any, query: str) -> None:
    assert_problem(api_of(alice).get(f"{PATHS[1]}?{query}"), 400, "invalid")


def test_the_deleted_are_not_online(alice: User, bob: User, api_of: Any) -> None:
    come_online(alice, bob)
    acquaint(1, alice, bob)
    delete_user(bob)
    assert online(api_of(alice).get(PATHS[0])) == [alice.pk]


def test_a_lease_that_ran_out_is_nobody(alice: User, api_of: Any) -> None:
    come_online(alice)
    redis_client().zadd(presence.KEY, {str(alice.pk): 1.0})
    assert online(api_of(alice).get(PATHS[0])) == []
    assert online(api_of(alice).get(f"{PATHS[0]}?ids={alice.pk}")) == []


def test_without_redis_it_is_unknown(alice: User, api_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> set[int]:
        raise redis.ConnectionError

    monkeypatch.setattr(presence, "online_ids", away)
    monkeypatch.setattr(presence, "online_among", away)
    for query in ("", f"?ids={alice.pk}"):
        answer = api_of(alice).get(PATHS[0] + query)
        assert_problem(answer, 503, "presence_unavailable")
        assert int(answer["Retry-After"]) > 0


def test_nobody_may_ask(alice: User, api_of: Any) -> None:
    for path in PATHS:
        assert_problem(api_of(None).get(path), 401)

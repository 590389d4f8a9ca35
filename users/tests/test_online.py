"""GET /api/v1/users/online/"""

import uuid
from typing import Any

import pytest
import redis

from chatserver.events.models import Subscription
from chatserver.events.sequencer import sequence
from chatserver.storage.redis_client import redis_client
from chatserver.tests.harness.answers import assert_problem
from users import presence
from users.actions import delete_user
from users.models import User

PATHS = ["/api/v1/users/online", "/api/v1/users/online/"]


pytestmark = pytest.mark.usefixtures("own_presence")


def come_online(*people: User) -> None:
    sequence()
    for user in people:
        presence.open_streams([(user.pk, uuid.uuid4().hex)])


def online(answer: Any) -> list[int]:
    assert answer.status_code == 200
    return [person["id"] for person in answer.json()["results"]]


@pytest.mark.parametrize("path", PATHS)
def test_a_user_with_an_open_stream_is_online(
    alice: User, bob: User, charlie: User, api_of: Any, path: str, django_assert_num_queries: Any
) -> None:
    come_online(alice, bob)
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
    }


def test_users_who_share_no_room_do_not_see_it(alice: User, bob: User, charlie: User, api_of: Any) -> None:
    come_online(alice, bob, charlie)
    Subscription.objects.filter(user_id=charlie.pk).delete()
    assert online(api_of(alice).get(PATHS[0])) == [alice.pk, bob.pk]
    assert online(api_of(charlie).get(PATHS[0])) == []


def test_the_deleted_are_not_online(alice: User, bob: User, api_of: Any) -> None:
    come_online(alice, bob)
    delete_user(bob)
    assert online(api_of(alice).get(PATHS[0])) == [alice.pk]


def test_a_lease_that_ran_out_is_nobody(alice: User, api_of: Any) -> None:
    come_online(alice)
    redis_client().zadd(presence.KEY, {str(alice.pk): 1.0})
    assert online(api_of(alice).get(PATHS[0])) == []


def test_without_redis_it_is_unknown(alice: User, api_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> set[int]:
        raise redis.ConnectionError

    monkeypatch.setattr(presence, "online_ids", away)
    answer = api_of(alice).get(PATHS[0])
    assert_problem(answer, 503, "presence_unavailable")
    assert int(answer["Retry-After"]) > 0


def test_nobody_may_ask(alice: User, api_of: Any) -> None:
    for path in PATHS:
        assert_problem(api_of(None).get(path), 401)

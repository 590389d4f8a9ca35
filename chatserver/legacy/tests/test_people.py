"""The old /users and /users/online."""

import uuid
from typing import Any

import pytest
import redis

from chatserver.legacy import people
from chatserver.tests.harness.answers import assert_old_error
from users import presence
from users.actions.people import delete_user
from users.models import User

pytestmark = pytest.mark.usefixtures("own_presence")


def entry(user: User, online: bool) -> dict[str, Any]:
    return {"id": str(user.pk), "username": user.username, "online": online}


@pytest.mark.parametrize("path", ["/users", "/users/"])
def test_the_named_people_and_whether_they_are_online(
    alice: User, bob: User, charlie: User, api_of: Any, path: str, django_assert_num_queries: Any
) -> None:
    presence.open_streams([(bob.pk, uuid.uuid4().hex)])
    client = api_of(alice)
    with django_assert_num_queries(1):
        answer = client.get(f"{path}?ids[]={alice.pk}&ids[]={bob.pk}&ids[]=999999999")
    assert answer.status_code == 200
    assert answer.json() == {str(alice.pk): entry(alice, online=False), str(bob.pk): entry(bob, online=True)}


def test_nobody_named_is_nobody(alice: User, api_of: Any) -> None:
    assert api_of(alice).get("/users").json() == {}


@pytest.mark.parametrize("junk", ["x", "", "-1", "%00", "9" * 20, "1.0", "٣"])
def test_an_invalid_id_is_400(alice: User, api_of: Any, junk: str) -> None:
    assert_old_error(api_of(alice).get(f"/users?ids[]={alice.pk}&ids[]={junk}"), 400)


def test_at_most_a_hundred_are_looked_up(alice: User, bob: User, api_of: Any) -> None:
    ids = [0] * 99 + [alice.pk, bob.pk]
    assert list(api_of(alice).get("/users", {"ids[]": ids}).json()) == [str(alice.pk)]


@pytest.mark.parametrize("path", ["/users/online", "/users/online/"])
def test_everybody_online_but_the_deleted(alice: User, bob: User, charlie: User, api_of: Any, path: str) -> None:
    for user in (alice, bob):
        presence.open_streams([(user.pk, uuid.uuid4().hex)])
    client = api_of(charlie)
    assert client.get(path).json() == {str(u.pk): entry(u, online=True) for u in (alice, bob)}
    delete_user(bob)
    assert client.get(path).json() == {str(alice.pk): entry(alice, online=True)}
    named = client.get(f"/users?ids[]={bob.pk}").json()
    assert named == {str(bob.pk): {"id": str(bob.pk), "username": f"deleted {bob.pk}", "online": False}}


def test_at_most_a_thousand_are_listed(
    alice: User, bob: User, charlie: User, api_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert people.MOST_ONLINE == 1_000
    monkeypatch.setattr(people, "MOST_ONLINE", 2)
    for user in (alice, bob, charlie):
        presence.open_streams([(user.pk, uuid.uuid4().hex)])
    assert list(api_of(alice).get("/users/online").json()) == [str(alice.pk), str(bob.pk)]


def test_without_redis_it_is_unknown(alice: User, api_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> set[int]:
        raise redis.ConnectionError

    monkeypatch.setattr(presence, "online_ids", away)
    monkeypatch.setattr(presence, "online_among", away)
    for path in ("/users/online", f"/users?ids[]={alice.pk}"):
        answer = api_of(alice).get(path)
        assert_old_error(answer, 503)
        assert int(answer["Retry-After"]) > 0


def test_nobody_may_ask(alice: User, api_of: Any) -> None:
    for path in ("/users/online", f"/users?ids[]={alice.pk}"):
        assert_old_error(api_of(None).get(path), 401)

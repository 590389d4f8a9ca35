"""GET /api/v1/users/?user_id= and /api/v1/users/<id>/"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem
from users.actions.people import ban_user, delete_user
from users.models import User

Api = Callable[[User | None], APIClient]
KEYS = {
    "id",
    "username",
    "display_name",
    "avatar_url",
    "is_deleted",
    "email",
    "date_joined",
    "last_seen_at",
    "external_id",
}
PATHS = ["/api/v1/users/?user_id={}", "/api/v1/users?user_id={}", "/api/v1/users/{}/", "/api/v1/users/{}"]


@pytest.mark.parametrize("path", PATHS)
def test_a_person_is_shown_to_another(alice: User, bob: User, api_of: Api, path: str) -> None:
    User.objects.filter(pk=bob.pk).update(
        date_joined=datetime(2015, 12, 25, 8, 13, 51, 999999, UTC),
        last_seen_at=datetime(2015, 12, 25, 8, 14, 40, 1, UTC),
    )
    answer = api_of(alice).get(path.format(bob.pk))
    assert answer.status_code == 200
    assert answer.json() == {
        "id": bob.pk,
        "username": "bob",
        "display_name": "",
        "avatar_url": "",
        "is_deleted": False,
        "email": None,
        "date_joined": "2015-12-25T08:13:51Z",
        "last_seen_at": "2015-12-25T08:14:40Z",
        "external_id": None,
    }


@pytest.mark.parametrize("path", PATHS)
def test_an_address_is_for_its_owner_for_services_and_for_staff_with_the_permission(
    alice: User, bob: User, charlie: User, api_of: Api, path: str
) -> None:
    staff, service = charlie, User.objects.create_user("backend")
    staff.is_staff = service.is_service = True
    permitted = User.objects.create_user("permitted", is_staff=True)
    permitted.user_permissions.add(Permission.objects.get(codename="view_user"))
    seen = {
        viewer.username: api_of(viewer).get(path.format(bob.pk)).json()["email"]
        for viewer in (alice, bob, staff, permitted, service)
    }
    assert seen == {
        "alice": None,
        "bob": "bob@example.com",
        "charlie": None,
        "permitted": "bob@example.com",
        "backend": "bob@example.com",
    }


@pytest.mark.parametrize("path", PATHS)
def test_nobody_sees_nobody(bob: User, api_of: Api, path: str) -> None:
    assert_problem(api_of(None).get(path.format(bob.pk)), 401, "not_authenticated")


@pytest.mark.parametrize("path", PATHS)
def test_a_deleted_person_is_a_nameless_row(alice: User, bob: User, api_of: Api, path: str) -> None:
    delete_user(bob)
    body = api_of(alice).get(path.format(bob.pk)).json()
    assert set(body) == KEYS
    assert body["is_deleted"] is True
    assert "bob" not in str(body)


def test_a_banned_person_is_still_shown(alice: User, bob: User, api_of: Api) -> None:
    ban_user(bob)
    assert api_of(alice).get(f"/api/v1/users/{bob.pk}/").json()["username"] == "bob"


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_user_is_not_found(alice: User, api_of: Api, path: str) -> None:
    for user_id in (0, 2**31, 2**63 - 1):
        assert_problem(api_of(alice).get(path.format(user_id)), 404, "not_found")


@pytest.mark.parametrize("junk", ["-1", "1.5", "abc", "", "%00", "٣", "9" * 19, "9" * 20, "9" * 400, "1%20", "0x1"])
def test_an_invalid_id_is_400_in_the_query_and_404_in_the_path(alice: User, api_of: Api, junk: str) -> None:
    assert_problem(api_of(alice).get(f"/api/v1/users/?user_id={junk}"), 400, field="user_id")
    if junk:
        assert_problem(api_of(alice).get(f"/api/v1/users/{junk}/"), 404)


def test_looking_somebody_up_takes_one_query(
    alice: User, bob: User, api_of: Api, django_assert_num_queries: Any
) -> None:
    client = api_of(alice)
    for path in PATHS:
        with django_assert_num_queries(1):
            client.get(path.format(bob.pk))

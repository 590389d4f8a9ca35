"""GET and PATCH /api/v1/users/me/"""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from chatserver.events.models import Outbox
from chatserver.tests.harness.answers import assert_problem, emitted
from chatserver.tests.harness.outbox import Recorder
from users.models import User

Api = Callable[[User | None], APIClient]


@pytest.mark.parametrize("path", ["/api/v1/users/me", "/api/v1/users/me/"])
def test_i_see_myself(alice: User, api_of: Api, path: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):  # my external id; another query is the authentication's
        answer = api_of(alice).get(path)
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["email"]) == (alice.pk, "alice@example.com")


@pytest.mark.parametrize("path", ["/api/v1/users/me", "/api/v1/users/me/"])
def test_a_change_is_kept_and_its_event_has_no_address(alice: User, api_of: Api, path: str) -> None:
    body = {"display_name": "Alice 🎈", "avatar_url": "https://example.com/a.png", "email": "new@example.com"}
    answer = api_of(alice).patch(path, body, format="json")
    assert answer.status_code == 200
    assert body.items() <= answer.json().items()
    assert User.objects.filter(pk=alice.pk, **body).exists()
    (event,) = emitted("user.updated")
    assert event == {
        "id": alice.pk,
        "username": "alice",
        "display_name": "Alice 🎈",
        "avatar_url": "https://example.com/a.png",
        "is_deleted": False,
    }


def test_what_is_left_out_stays(alice: User, api_of: Api) -> None:
    api_of(alice).patch("/api/v1/users/me/", {"display_name": "Al"}, format="json")
    api_of(alice).patch("/api/v1/users/me/", {"avatar_url": "https://example.com/"}, format="json")
    alice.refresh_from_db()
    assert (alice.display_name, alice.email) == ("Al", "alice@example.com")


def test_everything_may_be_emptied_again(alice: User, api_of: Api) -> None:
    api_of(alice).patch("/api/v1/users/me/", {"display_name": "Al", "avatar_url": "https://a.de/"}, format="json")
    api_of(alice).patch("/api/v1/users/me/", {"display_name": "", "avatar_url": "", "email": ""}, format="json")
    alice.refresh_from_db()
    assert (alice.display_name, alice.avatar_url, alice.email) == ("", "", "")


def test_no_change_is_no_event(alice: User, api_of: Api) -> None:
    before = Outbox.objects.count()
    assert api_of(alice).patch("/api/v1/users/me/", {}, format="json").status_code == 200
    assert Outbox.objects.count() == before


@pytest.mark.parametrize(
    "field", ["id", "username", "is_staff", "is_service", "is_superuser", "password", "deleted_at"]
)
def test_the_rest_of_me_is_not_mine_to_change(alice: User, api_of: Api, field: str) -> None:
    before = User.objects.filter(pk=alice.pk).values().get()
    assert api_of(alice).patch("/api/v1/users/me/", {field: "1"}, format="json").status_code == 200
    assert User.objects.filter(pk=alice.pk).values().get() == before
    assert emitted("user.updated") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "x" * 81),
        ("display_name", "a\0b"),
        ("display_name", None),
        ("display_name", ["a"]),
        ("avatar_url", "javascript:alert(1)"),
        ("avatar_url", "data:text/html,x"),
        ("avatar_url", "//example.com"),
        ("avatar_url", "FTP://example.com/a.png"),
        ("avatar_url", "http://["),
        ("avatar_url", "https://example.com/\0"),
        ("avatar_url", "https://example.com/" + "x" * 500),
        ("avatar_url", 5),
        ("email", "nobody"),
        ("email", "a\0@example.com"),
        ("email", {}),
    ],
)
def test_an_invalid_value_changes_nothing(alice: User, api_of: Api, field: str, value: Any) -> None:
    before = User.objects.filter(pk=alice.pk).values().get()
    body = {"display_name": "Al", field: value}
    assert_problem(api_of(alice).patch("/api/v1/users/me/", body, format="json"), 400, field=field)
    assert User.objects.filter(pk=alice.pk).values().get() == before
    assert emitted("user.updated") == []


def test_nobody_else_can_change_me(alice: User, charlie: User, api_of: Api) -> None:
    for path in (f"/api/v1/users/{alice.pk}/", "/api/v1/users/"):
        assert_problem(api_of(charlie).patch(path, {"display_name": "Al"}, format="json"), 405)
    api_of(charlie).patch("/api/v1/users/me/", {"id": alice.pk, "display_name": "Ch"}, format="json")
    alice.refresh_from_db()
    assert alice.display_name == ""


def test_a_change_takes_few_queries(alice: User, api_of: Api, django_assert_num_queries: Any) -> None:
    client = api_of(alice)
    with django_assert_num_queries(6):  # savepoint, lock, user, event, release, my external id
        client.patch("/api/v1/users/me/", {"display_name": "Al"}, format="json")


def test_what_nobody_sees_changed_is_announced_to_nobody(api_of: Any, alice: User) -> None:
    profile = {"display_name": "Al", "avatar_url": "https://example.com/a.png"}
    record = Recorder()
    assert api_of(alice).patch("/api/v1/users/me/", profile, "json").status_code == 200
    assert len(record.rows()) == 1
    for changes in (profile, {}, {"display_name": " Al "}, {"email": "al@example.com"}):
        assert api_of(alice).patch("/api/v1/users/me/", changes, "json").status_code == 200
        assert record.rows() == []

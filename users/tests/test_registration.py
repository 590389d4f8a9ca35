"""POST /api/v1/users/"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem, emitted
from users.models import User

Api = Callable[[User | None], APIClient]

PASSWORD = "correct horse battery"
ZOE = {"username": "zoe", "email": "zoe@example.com", "password": PASSWORD}


def is_registered(name: str) -> bool:
    return User.objects.filter(username=name).exists()


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/users/"])
def test_anybody_may_register(db: Any, api_of: Api, path: str) -> None:
    answer = api_of(None).post(path, ZOE, format="json")
    assert answer.status_code == 201
    user = User.objects.get(username="zoe")
    body = answer.json()
    assert body["id"] == user.pk
    assert (body["username"], body["email"], body["last_seen_at"]) == ("zoe", "zoe@example.com", None)
    assert body["date_joined"].endswith("Z")
    assert "." not in body["date_joined"]
    assert "password" not in body
    assert user.check_password(PASSWORD)
    assert PASSWORD not in user.password
    assert not (user.is_staff or user.is_superuser or user.is_service)


def test_everybody_gets_the_event_of_a_new_person_without_their_address(db: Any, api_of: Api) -> None:
    user_id = api_of(None).post("/api/v1/users/", ZOE, format="json").json()["id"]
    (event,) = [event for event in emitted("user.created") if event["id"] == user_id]
    assert event["username"] == "zoe"
    assert "email" not in event


@pytest.mark.parametrize("name", ["alice", "ALICE", "Alice", "ａｌｉｃｅ", " alice "])
def test_a_name_is_taken_in_every_spelling(alice: User, api_of: Api, name: str) -> None:
    answer = api_of(None).post("/api/v1/users/", ZOE | {"username": name}, format="json")
    assert_problem(answer, 409, "username_taken", field="username")
    assert [user.pk for user in User.objects.filter(username__iexact="alice")] == [alice.pk]
    assert len([event for event in emitted("user.created") if event["username"].lower() == "alice"]) == 1


@pytest.mark.parametrize("name", ["Ünal", "用户", "a.b+c-d_e@f", "x" * 150])
def test_names_of_all_scripts_are_fine(db: Any, api_of: Api, name: str) -> None:
    answer = api_of(None).post("/api/v1/users/", ZOE | {"username": name}, format="json")
    assert answer.status_code == 201
    assert answer.json()["username"] == name


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a/b", "a:b", "<b>", "x" * 151, "a\0b", "\ufdfa", "\ufdfa" * 100, None, [], {}, True]
)
def test_an_invalid_name_is_refused(db: Any, api_of: Api, name: Any) -> None:
    before = User.objects.count()
    answer = api_of(None).post("/api/v1/users/", ZOE | {"username": name}, format="json")
    assert_problem(answer, 400, field="username")
    assert User.objects.count() == before


@pytest.mark.parametrize(
    "password", ["", "short", "12345678901", "password123", "zoe-zoe", "a\0bcdefghijk", None, [], {}]
)
def test_an_invalid_password_is_refused(db: Any, api_of: Api, password: Any) -> None:
    answer = api_of(None).post("/api/v1/users/", ZOE | {"password": password}, format="json")
    assert_problem(answer, 400, field="password")
    assert not is_registered("zoe")


def test_a_password_like_the_name_is_refused(db: Any, api_of: Api) -> None:
    body = {"username": "wolfgang", "password": "wolfgang1"}
    refused = assert_problem(api_of(None).post("/api/v1/users/", body, format="json"), 400, field="password")
    assert {error["code"] for error in refused["errors"]} == {"password"}
    assert not is_registered("wolfgang")


def test_a_password_keeps_its_spaces(db: Any, api_of: Api) -> None:
    api_of(None).post("/api/v1/users/", ZOE | {"password": "  spaces matter  "}, format="json")
    user = User.objects.get(username="zoe")
    assert user.check_password("  spaces matter  ")
    assert not user.check_password("spaces matter")


@pytest.mark.parametrize("email", ["nobody", "a@", "@b.de", "a b@c.de", "a\0@b.de", f"{'x' * 250}@example.com", []])
def test_an_invalid_address_is_refused(db: Any, api_of: Api, email: Any) -> None:
    assert_problem(api_of(None).post("/api/v1/users/", ZOE | {"email": email}, format="json"), 400, field="email")
    assert not is_registered("zoe")


def test_the_address_may_be_left_out(db: Any, api_of: Api) -> None:
    body = {"username": "zoe", "password": PASSWORD}
    assert api_of(None).post("/api/v1/users/", body, format="json").json()["email"] == ""


@pytest.mark.parametrize("power", ["is_staff", "is_superuser", "is_service", "is_active", "id", "last_seen_at"])
def test_nobody_gives_themselves_rights(db: Any, api_of: Api, power: str) -> None:
    answer = api_of(None).post("/api/v1/users/", ZOE | {power: 77}, format="json")
    user = User.objects.get(username="zoe")
    assert answer.status_code == 201
    assert (user.is_staff, user.is_superuser, user.is_service, user.is_active) == (False, False, False, True)
    assert user.pk != 77


class TestClosed:
    """With CHAT_OPEN_REGISTRATION off."""

    @pytest.fixture(autouse=True)
    def closed(self, settings: Any) -> None:
        settings.CHAT_OPEN_REGISTRATION = False

    @pytest.mark.parametrize("power", ["is_service", "is_staff"])
    def test_services_and_staff_may_register_people(self, bob: User, api_of: Api, power: str) -> None:
        setattr(bob, power, True)
        bob.save()
        assert api_of(bob).post("/api/v1/users/", ZOE, format="json").status_code == 201
        assert is_registered("zoe")

    def test_nobody_else_may(self, charlie: User, api_of: Api) -> None:
        for person in (charlie, None):
            answer = api_of(person).post("/api/v1/users/", ZOE, format="json")
            assert_problem(answer, 403, "registration_closed")
        assert not is_registered("zoe")
        assert "zoe" not in [event["username"] for event in emitted("user.created")]

    def test_the_page_offers_it_where_it_is_open_alone(self, settings: Any) -> None:
        offer = b'data-testid="register-toggle">'
        assert offer not in Client().get("/").content
        settings.CHAT_OPEN_REGISTRATION = True
        assert offer in Client().get("/").content


def test_registering_takes_few_queries(db: Any, django_assert_num_queries: Any) -> None:
    client = Client()
    with django_assert_num_queries(7):  # names that look alike, held names, savepoint, …
        client.post("/api/v1/users/", ZOE, content_type="application/json")

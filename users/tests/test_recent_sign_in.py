"""Deleting one's account needs a sign-in of the last 15 minutes."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem, revoked
from chatserver.tests.harness.sessions import basic, sign_in, write
from users.actions.credentials import issue_token
from users.models import Token, User, UserSession
from users.sign_in import RECENT_SIGN_IN

PATH = "/api/v1/users/"
OLD = RECENT_SIGN_IN + timedelta(seconds=1)
YOUNG = RECENT_SIGN_IN - timedelta(seconds=30)


def with_token(user: User, age: timedelta) -> APIClient:
    secret, token = issue_token(user)
    Token.objects.filter(pk=token.pk).update(created_at=timezone.now() - age)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


def age_session(age: timedelta) -> None:
    UserSession.objects.update(created_at=timezone.now() - age)


def is_deleted(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_deleted


def assert_refused(answer: Any, user: User) -> None:
    assert_problem(answer, 403, "sign_in_again")
    assert not is_deleted(user)
    assert revoked(user.pk) == []


@pytest.mark.parametrize("path", ["/api/v1/users", PATH])
def test_with_an_old_token_one_has_to_sign_in_again(alice: User, path: str) -> None:
    client = with_token(alice, OLD)
    assert_refused(client.delete(path), alice)
    assert client.get("/api/v1/users/me/").status_code == 200
    login = {"username": "alice", "password": "correct horse battery"}
    secret = client.post("/api/v1/tokens/", login, format="json").json()["token"]
    assert_refused(client.delete(path), alice)  # still the old one
    assert APIClient(headers={"Authorization": f"Bearer {secret}"}).delete(path).status_code == 204
    assert is_deleted(alice)


def test_a_token_of_the_last_15_minutes_is_enough(alice: User) -> None:
    assert with_token(alice, YOUNG).delete(PATH).status_code == 204


def test_a_session_counts_from_when_one_signed_in_however_much_it_is_used(alice: User, browser: Client) -> None:
    sign_in(browser)
    age_session(OLD)
    session = browser.session
    session["used"] = 1
    session.save()
    assert_refused(write(browser, "delete", path=PATH), alice)
    sign_in(browser)
    assert write(browser, "delete", path=PATH).status_code == 204
    assert is_deleted(alice)


def test_a_session_of_an_older_release_does_not_say_since_when(alice: User, browser: Client) -> None:
    sign_in(browser)
    UserSession.objects.all().delete()
    assert browser.get("/api/v1/users/me/").status_code == 200
    assert_refused(write(browser, "delete", path=PATH), alice)


def test_a_password_is_a_sign_in_each_time(alice: User) -> None:
    Token.objects.all().delete()
    assert APIClient(headers=basic("alice")).delete(PATH).status_code == 204


def test_a_young_sign_in_of_somebody_else_does_not_help(alice: User, bob: User) -> None:
    client = with_token(alice, OLD)
    Client().force_login(alice)
    issue_token(alice)
    issue_token(bob)
    assert_refused(client.delete(PATH), alice)
    assert not is_deleted(bob)


@pytest.mark.parametrize("path", ["/login", "/api/v1/session/"])
def test_a_login_by_name_alone_is_one(db: Any, settings: Any, browser: Client, path: str) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = True
    answer = write(browser, "post", {"username": "dora"}, path=path)
    assert answer.status_code in {200, 201}
    dora = User.objects.get(username="dora")
    browser.get("/api/v1/session/")
    age_session(OLD)
    assert_refused(write(browser, "delete", path=PATH), dora)
    write(browser, "post", {"username": "dora"}, path=path)
    assert write(browser, "delete", path=PATH).status_code == 204


def test_staff_delete_accounts_without_it(moderator_client: Client, alice: User) -> None:
    age_session(OLD)
    data = {"action": "delete_account", "_selected_action": [alice.pk], "confirmed": "yes"}
    moderator_client.post("/admin/users/user/", data)
    assert is_deleted(alice)

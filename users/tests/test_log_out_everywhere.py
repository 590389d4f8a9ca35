"""POST /api/v1/users/<id>/logout/: a backend, or staff, or oneself ends all credentials of a user."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem, revoked
from users.actions.credentials import issue_token
from users.actions.tickets import issue_ticket
from users.models import User


def path(user_id: Any, slash: str = "/") -> str:
    return f"/api/v1/users/{user_id}/logout{slash}"


def bearer_of(user: User) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {issue_token(user)[0]}"})


def assert_all_ended(user: User, browser: Client, device: APIClient) -> None:
    assert browser.get("/api/v1/session/").json()["user"] is None
    assert device.get("/api/v1/users/me/").status_code == 401
    assert (user.tokens.count(), user.tickets.count()) == (0, 0)
    assert revoked(user.pk) == [("logged_out", None)]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("power", ["is_staff", "is_service"])
def test_staff_and_services_end_everything_of_another(
    alice: User, bob: User, client: Client, power: str, slash: str
) -> None:
    setattr(alice, power, True)
    alice.save()
    mine, device = bearer_of(alice), bearer_of(bob)
    client.force_login(bob)
    issue_ticket(bob)
    answer = mine.post(path(bob.pk, slash))
    assert (answer.status_code, answer.content) == (204, b"")
    assert_all_ended(bob, client, device)
    assert mine.get("/api/v1/users/me/").status_code == 200
    assert revoked(alice.pk) == []


def test_one_logs_oneself_out_everywhere(alice: User, client: Client) -> None:
    device, elsewhere = bearer_of(alice), bearer_of(alice)
    client.force_login(alice)
    assert device.post(path(alice.pk)).status_code == 204
    assert_all_ended(alice, client, device)
    assert elsewhere.get("/api/v1/users/me/").status_code == 401


def test_other_people_may_not(bob: User, charlie: User) -> None:
    _, token = issue_token(bob)
    assert_problem(bearer_of(charlie).post(path(bob.pk)), 403, "forbidden")
    assert_problem(APIClient().post(path(bob.pk)), 401, "not_authenticated")
    assert list(bob.tokens.all()) == [token]
    assert revoked(bob.pk) == []


@pytest.mark.parametrize("power", ["is_staff", "is_service"])
@pytest.mark.parametrize("target", ["is_staff", "is_service", "is_superuser"])
def test_nobody_but_a_superuser_ends_what_staff_and_services_have(
    alice: User, bob: User, charlie: User, power: str, target: str
) -> None:
    setattr(alice, power, True)
    setattr(bob, target, True)
    charlie.is_staff = charlie.is_superuser = True
    for user in (alice, bob, charlie):
        user.save()
    device = bearer_of(bob)
    assert_problem(bearer_of(alice).post(path(bob.pk)), 403, "forbidden")
    old = bearer_of(alice).post("/logout", {"username": "bob"}, format="json")
    assert old.status_code == 403
    assert device.get("/api/v1/users/me/").status_code == 200
    assert bearer_of(charlie).post(path(bob.pk)).status_code == 204
    assert device.get("/api/v1/users/me/").status_code == 401


def test_a_session_needs_its_csrf_token(alice: User, browser_client: Client) -> None:
    browser_client.force_login(alice)
    assert_problem(browser_client.post(path(alice.pk)), 403)
    assert revoked(alice.pk) == []


@pytest.mark.parametrize("user_id", [0, 2**62, 2**63, "x", "-1", "%00", "٣"])
def test_a_user_who_is_not_there_is_404(alice: User, user_id: Any) -> None:
    alice.is_service = True
    alice.save()
    assert_problem(bearer_of(alice).post(path(user_id)), 404)
    assert revoked(alice.pk) == []


def test_it_takes_few_queries(alice: User, bob: User, django_assert_num_queries: Any) -> None:
    alice.is_service = True
    alice.save()
    service = bearer_of(alice)
    issue_token(bob)
    with django_assert_num_queries(13):
        service.post(path(bob.pk))

"""The old /logout: the caller's own session; another's only for staff and services."""

import json
from typing import Any

import pytest
from django.test import Client

from chatserver.tests.harness.answers import assert_old_error, assert_problem, revoked
from users.actions.credentials import issue_token
from users.actions.tickets import issue_ticket
from users.models import Ticket, User, session_credential


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def log_out(client: Client, path: str = "/logout", method: str = "POST", **body: Any) -> Any:
    return client.generic(method, path, json.dumps(body) if body else "", "application/json")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/logout", "/logout/"])
@pytest.mark.parametrize("body", [{}, {"username": "alice"}, {"username": "ALICE"}])
def test_my_session_ends_and_its_streams_and_tickets(
    alice: User, bob: User, method: str, path: str, body: dict[str, str]
) -> None:
    client, elsewhere, bobs = browser_of(alice), browser_of(alice), browser_of(bob)
    key = client.session.session_key or ""
    issue_ticket(alice, session_key=key)
    issue_ticket(alice, session_key=elsewhere.session.session_key or "")
    answer = log_out(client, path, method, **body)
    assert answer.status_code == 200
    assert answer.json() == {"message": f"User {alice.pk} has been logged out"}
    assert client.get("/me").json() is None
    assert elsewhere.get("/me").json()["username"] == "alice"
    assert bobs.get("/me").json()["username"] == "bob"
    assert revoked(alice.pk) == [("logged_out", session_credential(key))]
    assert revoked(bob.pk) == []
    assert list(Ticket.objects.values_list("session_key", flat=True)) == [elsewhere.session.session_key]


def test_another_name_is_refused_and_ends_nothing(alice: User, bob: User) -> None:
    client, bobs = browser_of(alice), browser_of(bob)
    for name in ("bob", "BOB", "nobody"):
        assert_old_error(log_out(client, username=name), 403)
    assert client.get("/me").json()["username"] == "alice"
    assert bobs.get("/me").json()["username"] == "bob"
    assert revoked(alice.pk) == revoked(bob.pk) == []


@pytest.mark.parametrize("power", ["is_staff", "is_service"])
def test_staff_and_services_end_everything_of_another(alice: User, bob: User, power: str) -> None:
    setattr(alice, power, True)
    alice.save()
    client, bobs = browser_of(alice), browser_of(bob)
    issue_token(bob)
    issue_ticket(bob)
    answer = log_out(client, username="ＢＯＢ")
    assert answer.json() == {"message": f"User {bob.pk} has been logged out"}
    assert bobs.get("/me").json() is None
    assert (bob.tokens.count(), bob.tickets.count()) == (0, 0)
    assert revoked(bob.pk) == [("logged_out", None)]
    assert client.get("/me").json()["username"] == "alice"
    assert_old_error(log_out(client, username="nobody"), 404)


def test_a_caller_with_a_token_ends_that_token(alice: User) -> None:
    secret, token = issue_token(alice)
    _, other = issue_token(alice)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert log_out(client).status_code == 200
    assert list(alice.tokens.all()) == [other]
    assert revoked(alice.pk) == [("logged_out", f"token:{token.pk}")]
    assert_problem(client.get("/api/v1/users/me/"), 401, "invalid_token")


def test_nobody_has_nothing_to_end(alice: User) -> None:
    assert_old_error(log_out(Client()), 401)
    assert_old_error(log_out(Client(), username="alice"), 401)
    assert revoked(alice.pk) == []


def test_an_invalid_name_is_400(alice: User) -> None:
    client = browser_of(alice)
    for name in ("\0", ["alice"], {"a": 1}, 1.5):
        assert_old_error(log_out(client, username=name), 400)
    assert client.get("/me").json()["username"] == "alice"

"""POST /api/v1/tickets/, as the database sees it; test_streams_of_tickets.py opens streams with them."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from chatserver.errors import Unauthorized
from users.actions.credentials import issue_token
from users.actions.people import ban_user, change_password
from users.actions.tickets import issue_ticket, redeem_ticket
from users.credentials.identity import Identity
from users.credentials.request import credentials_in
from users.models import Ticket, User, session_credential
from users.stream_authentication import identify

PATHS = ["/api/v1/tickets", "/api/v1/tickets/"]


def opened_by(ticket: str) -> Identity:
    """Whose stream it opens."""
    return identify(credentials_in({"headers": []}, ticket))


@pytest.mark.parametrize("path", PATHS)
def test_a_token_gives_a_ticket_that_replaces_it_once(alice: User, path: str) -> None:
    secret, token = issue_token(alice)
    answer = APIClient(headers={"Authorization": f"Bearer {secret}"}).post(path)
    assert answer.status_code == 201
    assert set(answer.json()) == {"ticket", "expires_in"}
    assert answer.json()["expires_in"] == 30
    ticket = answer.json()["ticket"]
    row = Ticket.objects.get()
    assert bytes(row.secret_hash) == hashlib.sha256(ticket.encode()).digest()
    assert abs(row.expires_at - timezone.now() - timedelta(seconds=30)) < timedelta(seconds=5)

    found = opened_by(ticket)
    assert (found.user_id, found.credential) == (alice.pk, token.credential)
    assert found.expires_at == token.expires_at.timestamp()
    with pytest.raises(Unauthorized):
        opened_by(ticket)
    assert not Ticket.objects.exists()


def test_a_session_gives_a_ticket_that_ends_with_it(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    key = browser.session.session_key or ""
    first, second = (browser.post(PATHS[0]).json()["ticket"] for _ in range(2))
    found = opened_by(first)
    assert (found.user_id, found.credential) == (alice.pk, session_credential(key))
    assert found.expires_at == pytest.approx(browser.session.get_expiry_date().timestamp(), abs=60)
    browser.session.flush()
    with pytest.raises(Unauthorized):
        opened_by(second)


def test_a_password_gives_a_ticket_too(alice: User, client: Client) -> None:
    basic = "Basic " + base64.b64encode(b"alice:correct horse battery").decode()
    ticket = client.post(PATHS[0], headers={"Authorization": basic}).json()["ticket"]
    assert opened_by(ticket) == Identity(alice, f"password:{alice.pk}", None)


def test_a_session_needs_its_csrf_token_for_a_ticket(alice: User, browser_client: Client) -> None:
    browser_client.force_login(alice)
    assert browser_client.post(PATHS[0]).status_code == 403
    assert not Ticket.objects.exists()


def test_a_ticket_dies_with_its_token(alice: User) -> None:
    _, token = issue_token(alice)
    ticket = issue_ticket(alice, token_id=token.pk)
    token.delete()
    with pytest.raises(Unauthorized):
        opened_by(ticket)


def test_a_ticket_of_a_banned_person_opens_nothing(alice: User) -> None:
    ticket = issue_ticket(alice)
    ban_user(alice)
    with pytest.raises(Unauthorized):
        opened_by(ticket)


def test_a_ticket_of_before_a_new_password_opens_nothing(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    of_session = browser.post(PATHS[0]).json()["ticket"]
    tickets = [of_session, issue_ticket(alice), issue_ticket(alice, token_id=issue_token(alice)[1].pk)]
    change_password(alice, "staple horse correct")
    for ticket in tickets:
        with pytest.raises(Unauthorized):
            opened_by(ticket)


def test_an_old_ticket_opens_nothing_and_is_swept_away(alice: User) -> None:
    ticket = issue_ticket(alice)
    Ticket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert redeem_ticket(ticket) is None
    issue_ticket(alice)
    Ticket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    issue_ticket(alice)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("junk", ["", "ck_", "ck_nonsense", "\0", "\ufffd", "x" * 10_000])
def test_what_is_no_ticket_opens_nothing(alice: User, junk: str) -> None:
    issue_ticket(alice)
    with pytest.raises(Unauthorized):
        opened_by(junk)
    assert Ticket.objects.count() == 1


def test_a_token_is_no_ticket_and_a_ticket_no_token(alice: User) -> None:
    secret, _ = issue_token(alice)
    with pytest.raises(Unauthorized):
        opened_by(secret)
    ticket = issue_ticket(alice)
    answer = APIClient(headers={"Authorization": f"Bearer {ticket}"}).get("/api/v1/users/me/")
    assert answer.status_code == 401


def test_asking_takes_few_queries(alice: User, api_of: Any, django_assert_num_queries: Any) -> None:
    client = api_of(alice)
    with django_assert_num_queries(5):  # sweep, savepoint, lock, insert, release
        client.post(PATHS[0])

"""DELETE /api/v1/session/: sign-out, and what ends with the session."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem, revoked
from chatserver.tests.harness.sessions import NOBODY, SESSION, SESSION_PATHS, basic, identity, sign_in, write
from users.actions.credentials import issue_token
from users.actions.tickets import issue_ticket
from users.models import Ticket, User, session_credential


@pytest.mark.parametrize("path", SESSION_PATHS)
def test_it_ends_this_session_its_tickets_and_streams_and_no_other(
    alice: User, bob: User, browser: Client, client: Client, path: str
) -> None:
    client.force_login(alice)
    _, token = issue_token(alice)
    sign_in(browser)
    key = browser.session.session_key or ""
    issue_ticket(alice, session_key=key)
    issue_ticket(alice, session_key=client.session.session_key or "")

    answer = write(browser, "delete", path=path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.cookies["sessionid"].value == ""
    assert revoked(alice.pk) == [("logged_out", session_credential(key))]
    assert list(Ticket.objects.values_list("session_key", flat=True)) == [client.session.session_key]
    assert identity(browser) == identity(Client(headers={"Cookie": f"sessionid={key}"})) == NOBODY
    assert identity(client)["user"]["id"] == alice.pk
    assert list(alice.tokens.all()) == [token]


def test_without_the_csrf_token_it_ends_nothing(alice: User, browser: Client) -> None:
    sign_in(browser)
    assert_problem(browser.delete(SESSION), 403)
    assert_problem(write(browser, "delete", Origin="https://evil.example"), 403)
    assert identity(browser)["user"]["id"] == alice.pk
    assert revoked(alice.pk) == []


def test_a_caller_without_a_session_has_none_to_end(alice: User, browser: Client) -> None:
    secret, token = issue_token(alice)
    for headers in ({"Authorization": f"Bearer {secret}"}, basic("alice")):
        assert_problem(APIClient(headers=headers).delete(SESSION), 400, "no_session")
    assert_problem(write(browser, "delete"), 401, "not_authenticated")
    assert list(alice.tokens.all()) == [token]
    assert revoked(alice.pk) == []


def test_it_takes_few_queries(alice: User, browser: Client, django_assert_num_queries: Any) -> None:
    sign_in(browser)
    with django_assert_num_queries(11):
        write(browser, "delete")

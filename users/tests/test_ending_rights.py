"""Rights that end in the same moment as somebody makes new ones of them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from chatserver.errors import Unauthorized
from chatserver.tests.harness.answers import emitted
from chatserver.tests.harness.service import Service
from users.actions.credentials import issue_token, log_out_everywhere, revoke_credential
from users.actions.people import ban_user, change_password, delete_user, update_profile
from users.actions.tickets import issue_ticket
from users.credentials.request import credentials_in
from users.models import Ticket, Token, User
from users.stream_authentication import identify
from users.tests.test_streams_of_people import Person


@pytest.fixture
def earlier(alice: User) -> User:
    """Alice as a request saw her that came just before."""
    return User.objects.get(pk=alice.pk)


@pytest.mark.parametrize("is_by_session", [True, False])
def test_a_ticket_does_not_survive_a_new_password(alice: User, is_by_session: bool) -> None:
    browser = Client()
    browser.force_login(alice)
    ticket = issue_ticket(alice, session_key=browser.session.session_key or "" if is_by_session else "")
    change_password(alice, "staple horse correct")
    with pytest.raises(Unauthorized):
        identify(credentials_in({"headers": []}, ticket))


@pytest.mark.parametrize(
    "end", [lambda user: change_password(user, "staple horse correct"), log_out_everywhere, delete_user]
)
def test_a_user_logged_out_meanwhile_gets_no_new_credential(alice: User, earlier: User, end: Any) -> None:
    end(alice)
    for get_right in (issue_token, issue_ticket):
        with pytest.raises(Unauthorized):
            get_right(earlier)
    assert not Token.objects.exists()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("end", [log_out_everywhere, ban_user, delete_user])
def test_a_request_whose_right_ends_meanwhile_is_told_so(api_of: Any, alice: User, earlier: User, end: Any) -> None:
    end(alice)
    for answer in (
        api_of(earlier).post("/api/v1/tickets/"),
        api_of(earlier).patch("/api/v1/users/me/", {"display_name": "Al"}, "json"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert not Ticket.objects.exists()


def test_a_token_that_ended_meanwhile_gives_no_ticket(alice: User) -> None:
    _, token = issue_token(alice)
    token_id = token.pk
    revoke_credential(token)
    with pytest.raises(Unauthorized):
        issue_ticket(alice, token_id=token_id)


def test_a_user_deleted_meanwhile_gets_no_new_profile(alice: User, earlier: User) -> None:
    delete_user(alice)
    count = len(emitted("user.updated"))
    with pytest.raises(Unauthorized):
        update_profile(earlier, {"display_name": "Al"})
    alice.refresh_from_db()
    assert alice.display_name == ""
    assert len(emitted("user.updated")) == count


def test_a_stream_ends_when_its_session_does_not_a_session_later(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    soon = timezone.now() + timedelta(hours=1)
    Session.objects.update(expire_date=soon)
    cookie = f"sessionid={browser.cookies['sessionid'].value}".encode()
    scope = {"headers": [(b"cookie", cookie)]}
    assert identify(credentials_in(scope, None)).expires_at == pytest.approx(soon.timestamp(), abs=1)


def test_a_logout_succeeds_while_tickets_are_asked_for(granian: Service) -> None:
    person = Person(granian)
    for _ in range(10):
        headers = person.token()
        is_over = threading.Event()

        def ask(headers: dict[str, str] = headers, is_over: threading.Event = is_over) -> set[int]:
            with httpx.Client(base_url=granian.url, headers=headers, timeout=30) as client:
                statuses = set()
                while not is_over.is_set():
                    statuses.add(client.post("/api/v1/tickets/").status_code)
            return statuses

        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask) for _ in range(4)]
            answer = httpx.delete(f"{granian.url}/api/v1/tokens/current/", headers=headers, timeout=30)
            is_over.set()
        assert answer.status_code == 204
        assert set().union(*(future.result() for future in asking)) <= {201, 401}
        assert httpx.get(f"{granian.url}/api/v1/users/me/", headers=headers).status_code == 401
    person.browser.close()

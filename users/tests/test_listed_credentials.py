"""GET /api/v1/tokens/ and DELETE /api/v1/tokens/<id>/: one's tokens and sessions."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem, revoked
from chatserver.tests.harness.sessions import NOBODY, identity, sign_in, write
from users.actions.credentials import forget_expired, issue_token, log_out_everywhere
from users.actions.people import change_password
from users.actions.tickets import issue_ticket
from users.last_seen import flush_last_seen
from users.models import Ticket, Token, User, UserSession, session_credential

TOKENS = "/api/v1/tokens/"
FIELDS = {"id", "kind", "created_at", "last_used_at", "expires_at", "is_current"}


def with_token(user: User) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {issue_token(user)[0]}"})


def listed(client: Any, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(TOKENS, query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


@pytest.mark.parametrize("path", ["/api/v1/tokens", TOKENS])
def test_one_sees_ones_tokens_and_sessions_and_nobody_elses(alice: User, bob: User, browser: Client, path: str) -> None:
    issue_token(bob)
    secret, token = issue_token(alice)
    sign_in(browser)
    page = browser.get(path).json()
    assert (page["next"], page["previous"]) == (None, None)
    first, second = page["results"]
    assert set(first) == set(second) == FIELDS
    assert (first["id"], first["kind"], first["is_current"]) == (token.pk, "token", False)
    assert (second["kind"], second["is_current"]) == ("session", True)
    assert second["id"] > first["id"]
    assert first["expires_at"] > second["expires_at"] > second["created_at"]
    for hidden in (secret, token.secret_hash.hex(), browser.session.session_key, UserSession.objects.get().credential):
        assert hidden not in str(page)
    (of_bob,) = [one for one in listed(with_token(bob)) if not one["is_current"]]
    assert of_bob["id"] not in {first["id"], second["id"]}


def test_nobody_sees_and_ends_nothing(alice: User) -> None:
    _, token = issue_token(alice)
    assert_problem(APIClient().get(TOKENS), 401)
    assert_problem(APIClient().delete(f"{TOKENS}{token.pk}/"), 401)
    assert Token.objects.exists()


def test_a_password_sees_them_and_is_none_of_them(alice: User, api_of: Any) -> None:
    issue_token(alice)
    assert [one["is_current"] for one in listed(api_of(alice))] == [False]


def test_what_has_expired_is_not_listed(alice: User, browser: Client, api_of: Any) -> None:
    sign_in(browser)
    issue_token(alice)
    past = timezone.now() - timedelta(seconds=1)
    Session.objects.update(expire_date=past)
    Token.objects.update(expires_at=past)
    assert listed(api_of(alice)) == []
    forget_expired()
    assert not UserSession.objects.exists()


def test_it_pages_by_id_in_both_directions(alice: User, api_of: Any) -> None:
    for _ in range(3):
        issue_token(alice)
        Client().force_login(alice)
    client = api_of(alice)
    ids = [one["id"] for one in listed(client)]
    assert len(ids) == 6
    assert ids == sorted(ids)
    first = client.get(TOKENS, {"limit": 4}).json()
    assert ([one["id"] for one in first["results"]], first["next"]) == (ids[:4], ids[3])
    assert [one["id"] for one in listed(client, after=first["next"])] == ids[4:]
    back = client.get(TOKENS, {"limit": 4, "before": ids[5]}).json()
    assert ([one["id"] for one in back["results"]], back["previous"]) == (ids[1:5], ids[1])


def test_a_token_is_ended_and_only_that(alice: User) -> None:
    client = with_token(alice)
    secret, token = issue_token(alice)
    issue_ticket(alice, token_id=token.pk)
    answer = client.delete(f"{TOKENS}{token.pk}/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert revoked(alice.pk) == [("logged_out", f"token:{token.pk}")]
    assert not Ticket.objects.exists()
    assert_problem(APIClient(headers={"Authorization": f"Bearer {secret}"}).get(TOKENS), 401, "invalid_token")
    assert len(listed(client)) == 1
    assert_problem(client.delete(f"{TOKENS}{token.pk}/"), 404, "not_found")


def test_a_session_is_ended_and_only_that(alice: User, browser: Client) -> None:
    other = Client()
    other.force_login(alice)
    key = other.session.session_key or ""
    issue_ticket(alice, session_key=key)
    sign_in(browser)
    (session,) = [one for one in listed(browser) if not one["is_current"]]
    assert write(browser, "delete", path=f"{TOKENS}{session['id']}/").status_code == 204
    assert identity(other) == NOBODY
    assert identity(browser)["credential"] == "session"
    assert revoked(alice.pk) == [("logged_out", session_credential(key))]
    assert not Ticket.objects.exists()
    assert not Session.objects.filter(pk=key).exists()


def test_one_ends_the_credential_that_one_comes_with(alice: User) -> None:
    client = with_token(alice)
    (mine,) = listed(client)
    assert client.delete(f"{TOKENS}{mine['id']}/").status_code == 204
    assert_problem(client.get(TOKENS), 401, "invalid_token")


@pytest.mark.parametrize("staff", [False, True])
def test_those_of_others_are_not_there(alice: User, bob: User, charlie: User, staff: bool) -> None:
    User.objects.filter(pk=charlie.pk).update(is_staff=staff, is_superuser=staff)
    Client().force_login(alice)
    issue_token(bob)
    client = with_token(charlie)
    own = Token.objects.get(user=charlie).pk
    for number in (UserSession.objects.get().pk, Token.objects.get(user=bob).pk, own + 1000, "0", "x", 2**70):
        assert_problem(client.delete(f"{TOKENS}{number}/"), 404)
    assert (Token.objects.count(), UserSession.objects.count()) == (2, 1)
    assert revoked(alice.pk) == revoked(bob.pk) == []


def test_ending_a_session_with_a_cookie_needs_the_csrf_token(alice: User, browser: Client) -> None:
    sign_in(browser)
    (mine,) = listed(browser)
    assert_problem(browser.delete(f"{TOKENS}{mine['id']}/"), 403, "permission_denied")
    assert len(listed(browser)) == 1


@pytest.mark.parametrize("end", [log_out_everywhere, lambda user: change_password(user, "x9-y8-z7")])
def test_what_ended_otherwise_is_not_listed(alice: User, api_of: Any, end: Any) -> None:
    Client().force_login(alice)
    issue_token(alice)
    end(alice)
    assert listed(api_of(alice)) == []


def test_signing_out_takes_the_session_off_the_list(alice: User, browser: Client, api_of: Any) -> None:
    sign_in(browser)
    assert write(browser, "delete").status_code == 204
    assert listed(api_of(alice)) == []


def test_a_session_that_is_another_persons_now_is_theirs_alone(
    alice: User, bob: User, browser: Client, api_of: Any
) -> None:
    sign_in(browser)
    sign_in(browser, {"username": "bob", "password": "correct horse battery"})
    assert listed(api_of(alice)) == []
    assert len(listed(api_of(bob))) == 1


def test_signing_in_again_leaves_one_session(alice: User, browser: Client) -> None:
    sign_in(browser)
    sign_in(browser)
    assert [one["kind"] for one in listed(browser)] == ["session"]


def test_the_session_of_the_admin_is_listed_also_after_a_new_password(admin_user: User, api_of: Any) -> None:
    staff = Client()
    new = "another horse battery"
    staff.post("/admin/login/", {"username": admin_user.username, "password": "password"})
    assert len(listed(api_of(admin_user))) == 1
    form = {"old_password": "password", "new_password1": new, "new_password2": new}
    assert staff.post("/admin/password_change/", form).status_code == 302
    assert [one["is_current"] for one in listed(staff)] == [True]
    form = {"usable_password": "true", "password1": new + "2", "password2": new + "2", "set-password": "1"}
    assert staff.post(f"/admin/users/user/{admin_user.pk}/password/", form).status_code == 302
    assert [one["is_current"] for one in listed(staff)] == [True]


def test_last_use_is_written_now_and_then(alice: User, browser: Client, django_assert_num_queries: Any) -> None:
    sign_in(browser)
    flush_last_seen()
    client = with_token(alice)
    assert [one["last_used_at"] for one in listed(client)] == [None, None]
    browser.get("/api/v1/users/me/")
    flush_last_seen()
    assert None not in [one["last_used_at"] for one in listed(client)]
    Token.objects.update(last_used_at=timezone.now() - timedelta(minutes=4))
    before = Token.objects.get().last_used_at
    client.get("/api/v1/users/me/")
    flush_last_seen()
    assert Token.objects.get().last_used_at == before  # not yet 5 minutes
    Token.objects.update(last_used_at=timezone.now() - timedelta(minutes=6))
    client.get("/api/v1/users/me/")
    flush_last_seen()
    assert Token.objects.get().last_used_at > before


def test_it_takes_few_queries(alice: User, django_assert_num_queries: Any) -> None:
    client = with_token(alice)
    Client().force_login(alice)
    with django_assert_num_queries(3):  # who, tokens, sessions
        listed(client)
    _, token = issue_token(alice)
    with django_assert_num_queries(8):
        client.delete(f"{TOKENS}{token.pk}/")

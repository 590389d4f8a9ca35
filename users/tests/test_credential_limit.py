"""A person has so many tokens and sessions at most: one more ends the oldest."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatserver.tests.harness.answers import revoked
from chatserver.tests.harness.sessions import NOBODY, identity
from users.actions.credentials import MAX_CREDENTIALS, issue_token
from users.models import Token, User, session_credential
from users.tests.test_listed_credentials import listed


def test_the_oldest_is_ended_when_there_is_one_too_many(
    alice: User, bob: User, api_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("users.actions.credentials.MAX_CREDENTIALS", 3)
    issue_token(bob)
    oldest = Client()
    oldest.force_login(alice)
    key = oldest.session.session_key or ""
    first, second = issue_token(alice)[1], issue_token(alice)[1]
    assert len(listed(api_of(alice))) == 3
    assert revoked(alice.pk) == []
    newest = Client()
    newest.force_login(alice)
    assert identity(oldest) == NOBODY
    _, third = issue_token(alice)
    assert revoked(alice.pk) == [("logged_out", session_credential(key)), ("logged_out", f"token:{first.pk}")]
    assert [one["kind"] for one in listed(api_of(alice))] == ["token", "session", "token"]
    assert {one["id"] for one in listed(api_of(alice))} >= {second.pk, third.pk}
    assert identity(newest)["credential"] == "session"
    assert Token.objects.filter(user=bob).count() == 1


def test_what_has_expired_takes_no_place(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("users.actions.credentials.MAX_CREDENTIALS", 2)
    first = issue_token(alice)[1]
    expired = issue_token(alice)[1]
    Token.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    issue_token(alice)
    assert Token.objects.filter(pk=first.pk).exists()


def test_who_had_more_before_there_was_a_limit_keeps_the_newest(alice: User) -> None:
    later = timezone.now() + timedelta(days=1)
    for number in range(MAX_CREDENTIALS + 20):
        Token.objects.create(user=alice, secret_hash=bytes([number]) * 32, expires_at=later)
    issue_token(alice)
    assert Token.objects.count() == MAX_CREDENTIALS
    assert Token.objects.order_by("pk").first() == Token.objects.filter(secret_hash=bytes([21]) * 32).get()

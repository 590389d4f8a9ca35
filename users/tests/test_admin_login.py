"""Coming into the admin and leaving it: the limits, and the streams, are those of everybody."""

import uuid

import msgspec
from django.test import Client

from chatserver.config.rates import Rate
from chatserver.http.throttling import Throttle
from chatserver.tests.harness.moderation import emitted, revoked
from users.actions.credentials import issue_token
from users.credentials import login_throttles
from users.models import User

PASSWORD = "another horse battery"


def log_in(client):
    return client.post("/admin/login/", {"username": "alice", "password": "correct horse battery"})


def test_passwords_can_not_be_guessed_without_end_at_the_login(alice, monkeypatch):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    monkeypatch.setattr(login_throttles, "login_throttle", Throttle(f"test-{uuid.uuid4().hex}", Rate(1, 86400)))
    assert log_in(Client()).status_code == 302
    answer = log_in(Client())
    assert answer.status_code == 200
    assert "Too many requests" in answer.text
    monkeypatch.undo()
    assert log_in(Client()).status_code == 302


def test_nor_at_the_change_of_ones_own_password(alice, monkeypatch):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client = Client()
    client.force_login(User.objects.get(pk=alice.pk))
    monkeypatch.setattr(login_throttles, "login_throttle", Throttle(f"test-{uuid.uuid4().hex}", Rate(1, 86400)))
    new = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    for old, said in (("wrong", "incorrectly"), ("correct horse battery", "Too many requests")):
        answer = client.post("/admin/password_change/", {"old_password": old, **new})
        assert answer.status_code == 200
        assert said in answer.text
    monkeypatch.undo()
    answer = client.post("/admin/password_change/", {"old_password": "correct horse battery", **new})
    assert answer.status_code == 302


def test_logging_out_ends_the_streams_of_that_session(alice):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client = Client()
    log_in(client)
    client.post("/admin/logout/")
    (row,) = emitted("logged_out")
    assert row.user_ids == [alice.pk]
    assert msgspec.json.decode(row.body)["credential"].startswith("session:")
    assert client.get("/admin/").status_code == 302


def test_changing_ones_own_password_ends_ones_other_sessions_tokens_and_streams(alice):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client, other = Client(), Client()
    log_in(client)
    log_in(other)
    issue_token(alice)
    new = {"old_password": "correct horse battery", "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post("/admin/password_change/", {**new, "old_password": "wrong"}).status_code == 200
    assert revoked(alice) == []
    assert client.post("/admin/password_change/", new)["Location"] == "/admin/password_change/done/"
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert not alice.tokens.exists()
    assert revoked(alice) == ["password_changed"]
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302

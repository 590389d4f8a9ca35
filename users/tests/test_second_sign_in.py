"""Signing in as somebody else in a second tab."""

from django.test import Client

from users.models import User


def test_a_dead_session_does_not_take_the_cookie_away(alice: User, client: Client) -> None:
    client.cookies["sessionid"] = "0123456789abcdefghijklmnopqrstuv"
    answer = client.get("/api/v1/users/me/")
    assert answer.status_code == 401
    assert "sessionid" not in answer.cookies


def test_logging_out_does(alice: User, client: Client) -> None:
    client.force_login(alice)
    answer = client.delete("/api/v1/session/")
    assert answer.status_code == 204
    assert answer.cookies["sessionid"].value == ""

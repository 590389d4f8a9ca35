"""Requests with the JWT of a host product: whose they are, what they may, and what ends them."""

import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chatserver.errors import Busy, ChatError, Forbidden
from chatserver.tests.harness.answers import assert_problem, emitted, revoked
from chatserver.tests.harness.jwts import By, jwt_settings, mint, private_key
from users.actions.credentials import issue_token, log_out_everywhere
from users.actions.external_people import on_rooms_claim
from users.actions.people import ban_user, change_password, delete_user, unban_user
from users.models import ExternalIdentity, User

ME = "/api/v1/users/me/"
SESSION = "/api/v1/session/"

pytestmark = pytest.mark.usefixtures("known_keys")


def test_a_person_is_made_at_first_sight_and_known_from_then_on(by: By) -> None:
    token = mint("zoe", name="Zoë", picture="https://example.com/z.png", email="zoe@example.com")
    shown = by(token).get(ME).json()
    assert (shown["username"], shown["display_name"], shown["email"]) == ("zoe", "Zoë", "zoe@example.com")
    assert shown["avatar_url"] == "https://example.com/z.png"
    assert by(mint("zoe")).get(ME).json()["id"] == shown["id"]
    assert [body["id"] for body in emitted("user.created")] == [shown["id"]]
    assert emitted("user.updated") == []


def test_the_session_tells_by_what_and_until_when(by: By) -> None:
    expires = int(time.time()) + 100
    shown = by(mint(exp=expires)).get(SESSION).json()
    assert (shown["user"]["username"], shown["credential"]) == ("zoe", "jwt")
    assert shown["expires_at"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires))


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "ES256", "EdDSA"])
def test_each_algorithm_of_the_settings_is_known(by: By, settings: Any, algorithm: str) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings("HS256", "RS256", "ES256", "EdDSA")
    key = {} if algorithm == "HS256" else {"key": private_key(algorithm)}
    assert by(mint(algorithm=algorithm, **key)).get(ME).status_code == 200


def test_without_keys_a_jwt_is_a_token_that_nobody_has(by: By, settings: Any) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings()
    assert_problem(by(mint()).get(ME), 401, "invalid_token")
    assert not User.objects.exists()


def test_an_issuer_and_an_audience_that_are_set_are_the_only_ones(by: By, settings: Any) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings("HS256", issuer="https://shop.example.com", audience="chat")
    for audience in ("chat", ["other", "chat"]):
        assert by(mint(iss="https://shop.example.com", aud=audience)).get(ME).status_code == 200
    assert ExternalIdentity.objects.get().issuer == "https://shop.example.com"


@pytest.mark.parametrize("end", [ban_user, delete_user])
def test_a_banned_or_deleted_subject_is_refused_at_once_and_not_made_anew(by: By, end: Any) -> None:
    token, early = mint(), mint(iat=int(time.time()) + 20)
    assert by(token).get(ME).status_code == by(early).get(ME).status_code == 200
    end(User.objects.get())
    for presented in (token, early, mint(name="another"), mint(name="another", iat=int(time.time()) + 20)):
        assert_problem(by(presented).get(ME), 401, "invalid_token")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "end",
    [
        log_out_everywhere,
        lambda user: change_password(user, "staple horse correct"),
        lambda user: (ban_user(user), unban_user(user)),
    ],
)
def test_tokens_issued_before_a_revocation_end_with_it(by: By, end: Any) -> None:
    before, undated = mint(iat=int(time.time()) - 5, name="Zoë"), mint(iat=None)
    assert by(before).get(ME).status_code == by(undated).get(ME).status_code == 200
    user = User.objects.get()
    end(user)
    late = mint(iat=int(time.time()) - 4, name="late")
    for token in (before, undated, late, mint(iat=None, name="undated")):
        assert_problem(by(token).get(ME), 401, "invalid_token")
    assert by(mint(iat=int(time.time()) + 1)).get(ME).json()["display_name"] == "Zoë"
    assert revoked(user.pk)[-1][1] is None


def test_one_logs_oneself_out_everywhere_by_ones_own_jwt(by: By) -> None:
    client = by(mint())
    user_id = client.get(ME).json()["id"]
    assert client.post(f"/api/v1/users/{user_id}/logout/").status_code == 204
    assert client.get(ME).status_code == 401


def test_a_jwt_is_not_listed_and_is_no_token_to_end(by: By) -> None:
    client = by(mint())
    assert client.get("/api/v1/tokens/").json()["results"] == []
    assert_problem(client.delete("/api/v1/tokens/current/"), 400, "no_token")
    assert_problem(client.post(SESSION, {"username": "zoe", "password": "x"}, format="json"), 400, "no_session")


def test_an_account_is_not_deleted_by_a_jwt(by: By) -> None:
    """The host may issue one without asking anybody who sits there."""
    assert_problem(by(mint()).delete("/api/v1/users/"), 403, "sign_in_again")


def test_what_a_token_says_of_rooms_is_passed_on_once_per_verification(by: By, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[tuple[str, Any]] = []
    hooks = [lambda user, rooms: passed.append((user.username, rooms))]
    monkeypatch.setattr("users.credentials.jwts.on_rooms_claim", hooks)
    assert on_rooms_claim is not hooks
    rooms = [{"id": "order-551", "name": "Order 551"}]
    client = by(mint(rooms=rooms))
    for _ in range(2):
        client.get(ME)
    by(mint(name="without")).get(ME)
    assert passed == [("zoe", rooms)]
    ban_user(User.objects.get())
    assert by(mint(rooms=rooms, name="banned")).get(ME).status_code == 401
    assert len(passed) == 1


def test_a_room_that_refuses_a_person_keeps_nobody_out(by: By, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal: ChatError = Forbidden("full")

    def refuse(user: User, rooms: Any) -> None:
        raise refusal

    monkeypatch.setattr("users.credentials.jwts.on_rooms_claim", [refuse])
    assert by(mint(rooms=[])).get(ME).status_code == 200
    refusal = Busy()
    busy = by(mint(rooms=[], name="busy"))
    assert_problem(busy.get(ME), 503, "busy")
    monkeypatch.setattr("users.credentials.jwts.on_rooms_claim", [])
    assert busy.get(ME).status_code == 200


def test_a_post_by_jwt_takes_the_queries_of_one_by_token(by: By) -> None:
    token, _ = issue_token(User.objects.get(pk=by(mint()).get(ME).json()["id"]))
    counts = []
    for credential in (token, mint()):
        client = by(credential)
        client.get(ME)
        with CaptureQueriesContext(connection) as queries:
            assert client.post("/api/v1/chats/", {"room_id": 0, "message": "hai"}, format="json").status_code == 201
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_known_token_costs_one_query(by: By, django_assert_num_queries: Any) -> None:
    client = by(mint())
    client.get(ME)
    with django_assert_num_queries(2):  # the other one is of the external id
        assert client.get(ME).status_code == 200


def test_a_jwt_of_somebody_else_acts_for_them_alone(by: By) -> None:
    room = by(mint("zoe")).post("/api/v1/rooms/", {"name": "ours", "kind": "closed"}, format="json").json()["id"]
    assert by(mint("zoe")).get(f"/api/v1/rooms/{room}/").status_code == 200
    assert_problem(by(mint("yan")).get(f"/api/v1/rooms/{room}/"), 404)

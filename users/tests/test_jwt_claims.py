"""JWTs whose claims are refused: expired, for others, about nobody. Always 401, never 500."""

import json
import time
from typing import Any

import pytest

from chatserver.config.jwt_settings import JwtSettings
from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.jwts import StatusOf, claims_of, forge, jwt_settings, mint

ISSUER, AUDIENCE = "https://shop.example.com", "chat"
NUMBERS = [
    True,
    False,
    "4102444800",
    "",
    [],
    {},
    -1,
    10**20,
    10**400,
    1e300,
    float("nan"),
    float("inf"),
    float("-inf"),
    None,
]


@pytest.mark.parametrize("value", NUMBERS)
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_a_time_that_is_no_number_of_seconds_is_refused(status_of: StatusOf, name: str, value: Any) -> None:
    assert status_of(forge({"alg": "HS256"}, {**claims_of(), name: value})) == 401


def test_a_number_of_too_many_digits_is_refused(status_of: StatusOf) -> None:
    payload = json.dumps(claims_of()).replace('"exp": ', '"exp": ' + "9" * 4400).encode()
    assert status_of(forge({"alg": "HS256"}, payload)) == 401


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_a_fraction_of_a_second_is_fine(status_of: StatusOf, name: str) -> None:
    """RFC 7519 has them, and so have Python's time.time() and JavaScript's Date.now() / 1000."""
    at = time.time() + (60 if name == "exp" else -1) + 0.5
    assert status_of(mint(**{name: at})) == 200


def test_one_without_an_end_or_without_a_subject_is_refused(status_of: StatusOf) -> None:
    for name in ("exp", "sub"):
        claims = claims_of()
        del claims[name]
        assert status_of(forge({"alg": "HS256"}, claims)) == 401


def test_an_expired_one_and_an_early_one_are_refused_beyond_the_leeway(status_of: StatusOf) -> None:
    now = int(time.time())
    refused = [mint(iat=now - 100, exp=now - 31), mint(nbf=now + 40), mint(iat=now + 40), mint(iat=now, exp=now - 60)]
    assert [status_of(token) for token in refused] == [401] * len(refused)
    assert [status_of(token) for token in (mint(exp=now - 20), mint(nbf=now + 20), mint(iat=now + 20))] == [200] * 3


def test_one_that_is_valid_for_too_long_is_refused(status_of: StatusOf, settings: Any) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings("HS256", max_seconds=600)
    now = int(time.time())
    refused = [mint(exp=now + 601), mint(iat=now - 100, exp=now + 501), mint(iat=None, exp=now + 700), mint(iat=0)]
    assert [status_of(token) for token in refused] == [401] * len(refused)
    assert [status_of(token) for token in (mint(exp=now + 600), mint(iat=None, exp=now + 500))] == [200] * 2


@pytest.fixture
def strict(known_keys: None, settings: Any) -> JwtSettings:
    settings.CHAT_JWT_KEYS = jwt_settings("HS256", issuer=ISSUER, audience=AUDIENCE)
    return settings.CHAT_JWT_KEYS


@pytest.mark.parametrize(
    "issuer", ["https://evil.example.com", ISSUER + "/", ISSUER.upper(), "", None, 7, [ISSUER], {}]
)
def test_another_issuer_is_refused(status_of: StatusOf, strict: JwtSettings, issuer: Any) -> None:
    assert status_of(forge({"alg": "HS256"}, {**claims_of(aud=AUDIENCE), "iss": issuer})) == 401
    assert status_of(mint(aud=AUDIENCE)) == 401


@pytest.mark.parametrize(
    "audience", ["shop", "chat2", "CHAT", "", [], ["shop"], ["shop", 7], 7, {"chat": 1}, None, [["chat"]]]
)
def test_another_audience_is_refused(status_of: StatusOf, strict: JwtSettings, audience: Any) -> None:
    assert status_of(forge({"alg": "HS256"}, {**claims_of(iss=ISSUER), "aud": audience})) == 401
    assert status_of(mint(iss=ISSUER)) == 401


@pytest.mark.parametrize(
    "subject",
    ["", " ", "a\0", "\0", "a\nb", "\u202ezoe", "\u200b", "\ud800", "x" * 256, 7, True, None, [], {"a": 1}, 1.5],
)
def test_a_subject_that_names_nobody_is_refused(status_of: StatusOf, subject: Any) -> None:
    assert status_of(forge({"alg": "HS256"}, {**claims_of(), "sub": subject})) == 401


@pytest.mark.parametrize("issuer", ["", "a\0", "\ud800", "x" * 256, 7, [], {}])
def test_an_issuer_that_names_nobody_is_refused_where_none_is_set(status_of: StatusOf, issuer: Any) -> None:
    assert status_of(forge({"alg": "HS256"}, {**claims_of(), "iss": issuer})) == 401


def test_a_developer_is_told_what_is_wrong_with_a_token_of_their_own_key(api_of: Any, strict: JwtSettings) -> None:
    now = int(time.time())
    told = {
        "This JWT has expired.": mint(iat=now - 99, exp=now - 50, iss=ISSUER, aud=AUDIENCE),
        "This JWT is not valid yet (nbf, iat).": mint(nbf=now + 99, iss=ISSUER, aud=AUDIENCE),
        "This JWT is of another issuer (iss).": mint(iss="other", aud=AUDIENCE),
        "This JWT is for another audience (aud).": mint(iss=ISSUER, aud="other"),
        "This JWT has no aud.": mint(iss=ISSUER),
        "This JWT is valid for longer than 86400 s.": mint(exp=now + 86_500, iss=ISSUER, aud=AUDIENCE),
    }
    for detail, token in told.items():
        client = api_of(None)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert assert_problem(client.get("/api/v1/users/me/"), 401)["detail"] == detail

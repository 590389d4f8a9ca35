"""JWTs that are refused: forged, confused, expired, for others, and malformed in any way. Always 401, never 500."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key

from chatserver.config.jwt_settings import JwtSettings
from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.jwts import (
    JWT_SECRET,
    claims_of,
    encoded,
    forge,
    jwt_settings,
    mint,
    private_key,
    public_jwk,
    public_pem,
)
from users.credentials.jwt_verification import MAX_JWT
from users.models import User

ALL = ("HS256", "RS256", "ES256", "EdDSA")
ISSUER, AUDIENCE = "https://shop.example.com", "chat"


@pytest.fixture(autouse=True)
def known_keys(settings: Any, db: None) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings(*ALL)


@pytest.fixture
def status_of(api_of: Any) -> Callable[[str], int]:
    """The status of a request with this token. A refusal has made nobody."""

    def ask(token: str) -> int:
        client = api_of(None)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        answer = client.get("/api/v1/users/me/")
        if answer.status_code != 200:
            assert_problem(answer, 401, "invalid_token")
            assert not User.objects.exists()
        return answer.status_code

    return ask


StatusOf = Callable[[str], int]


def by_header(**header: Any) -> str:
    """Signed with the right secret, but with this header."""
    return forge({"alg": "HS256", "typ": "JWT", **header}, claims_of())


def test_a_right_one_is_not_refused(status_of: StatusOf) -> None:
    assert status_of(by_header()) == 200


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", None, 0, [], {}, True, ["HS256"]])
@pytest.mark.parametrize("is_signed", [True, False])
def test_an_algorithm_of_none_is_refused(status_of: StatusOf, name: Any, is_signed: bool) -> None:
    token = forge({"alg": name, "typ": "JWT"}, claims_of())
    assert status_of(token if is_signed else token.rpartition(".")[0] + ".") == 401


def test_a_missing_algorithm_is_refused(status_of: StatusOf) -> None:
    assert status_of(forge({"typ": "JWT"}, claims_of())) == 401


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_public_key_is_no_secret(status_of: StatusOf, settings: Any, algorithm: str) -> None:
    """The classic confusion: HS256 with the text of the public key, in any form of it."""
    pem = public_pem(algorithm)
    for texts in (pem, pem.strip(), json.dumps(public_jwk(algorithm)).encode()):
        assert status_of(forge({"alg": "HS256"}, claims_of(), texts)) == 401
    settings.CHAT_JWT_KEYS = jwt_settings(algorithm)
    assert status_of(forge({"alg": "HS256"}, claims_of(), pem)) == 401


@pytest.mark.parametrize("signed_by", ["RS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("said", [*ALL, "RS512", "PS256", "ES384", "ES256K", "HS512"])
def test_a_token_says_the_algorithm_of_its_key(status_of: StatusOf, signed_by: str, said: str) -> None:
    signed = jwt.api_jws.encode(json.dumps(claims_of()).encode(), private_key(signed_by), signed_by)
    header, payload, signature = signed.split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == signed_by
    relabelled = f"{encoded(json.dumps({'alg': said}).encode())}.{payload}.{signature}"
    assert status_of(relabelled) == 401


@pytest.mark.parametrize("algorithm", ALL)
def test_a_known_algorithm_that_the_settings_do_not_name_is_refused(
    status_of: StatusOf, settings: Any, algorithm: str
) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings(*(name for name in ALL if name != algorithm))
    key = JWT_SECRET if algorithm == "HS256" else private_key(algorithm)
    assert status_of(mint(key=key, algorithm=algorithm)) == 401


def test_other_hashes_of_the_same_secret_and_key_are_refused(status_of: StatusOf) -> None:
    long_secret = JWT_SECRET * 2
    for algorithm, key in (("HS384", long_secret), ("HS512", long_secret), ("RS512", private_key("RS256"))):
        assert status_of(mint(key=key, algorithm=algorithm)) == 401


@pytest.mark.parametrize(
    "kid",
    ["../../../../dev/null", "/dev/null", "' UNION SELECT 'x", "0", "", "\0", "x" * 5000, "http://127.0.0.1/jwks", "é"],
)
def test_a_kid_opens_no_file_and_asks_no_query(status_of: StatusOf, kid: str) -> None:
    """Signed with what stands where it points to: nothing. With the right secret it means nothing."""
    assert status_of(forge({"alg": "HS256", "kid": kid}, claims_of(), b"")) == 401
    assert status_of(forge({"alg": "HS256", "kid": kid}, claims_of(), b"\0")) == 401
    assert status_of(by_header(kid=kid)) == 200


@pytest.mark.parametrize("kid", [7, None, ["a"], {"a": 1}, True])
def test_a_kid_that_is_no_text_is_refused(status_of: StatusOf, kid: Any) -> None:
    assert status_of(by_header(kid=kid)) == 401


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_an_address_of_keys_in_the_token_is_not_asked(
    status_of: StatusOf, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("socket.getaddrinfo", lambda *address, **_: asked.append(address))
    monkeypatch.setattr("users.credentials.jwt_key_set.fetch", lambda url, **_: asked.append(url))
    forged = new_rsa_key(65537, 2048)
    headers = {name: "https://evil.example.com/jwks.json", "kid": "evil"}
    assert status_of(jwt.encode(claims_of(), forged, "RS256", headers)) == 401
    assert asked == []


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_key_in_the_token_is_not_used(status_of: StatusOf, algorithm: str) -> None:
    headers = {"jwk": public_jwk(algorithm, 1), "kid": "mine", "x5c": ["MIIB"], "x5t": "x"}
    assert status_of(jwt.encode(claims_of(), private_key(algorithm, 1), algorithm, headers)) == 401
    oct_key = {"kty": "oct", "k": encoded(b"m" * 32)}
    assert status_of(forge({"alg": "HS256", "jwk": oct_key}, claims_of(), b"m" * 32)) == 401


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "exp", [7], None, {}])
def test_a_critical_extension_is_refused(status_of: StatusOf, crit: Any) -> None:
    assert status_of(by_header(crit=crit)) == 401


def test_a_detached_payload_is_refused(status_of: StatusOf) -> None:
    assert status_of(by_header(b64=False, crit=["b64"])) == 401
    header, payload, signature = by_header(b64=False, crit=["b64"]).split(".")
    assert status_of(f"{header}..{signature}") == 401


@pytest.mark.parametrize("algorithm", ALL)
def test_a_changed_payload_or_signature_is_refused(status_of: StatusOf, algorithm: str) -> None:
    key = JWT_SECRET if algorithm == "HS256" else private_key(algorithm)
    header, payload, signature = mint(key=key, algorithm=algorithm).split(".")
    other = encoded(json.dumps(claims_of("admin")).encode())
    assert status_of(f"{header}.{other}.{signature}") == 401
    for cut in ("", signature[:-1], signature[:-4], signature[:10], signature + "AAAA", "A" * len(signature)):
        assert status_of(f"{header}.{payload}.{cut}") == 401


def test_there_is_one_spelling_of_a_token(status_of: StatusOf) -> None:
    header, payload, signature = mint().split(".")
    spellings = [
        f"{header}.{payload}.{signature}=",
        f"{header}.{payload}.{signature}==",
        f"{header}=.{payload}.{signature}",
        f"{header}.{payload}==.{signature}",
        f"{header}.{payload}.{signature}\n",
        f"{header}. {payload}.{signature}",
        f"{header}.{payload}.{signature}.",
        f".{header}.{payload}.{signature}",
        f"{header}.{payload}",
        f"{header}.{payload}.{signature}!",
        f"{header}.{payload}.{signature}é",
        f"{header},{payload}.{signature}",
        # The last character of 32 bytes has two bits that mean nothing.
        f"{header}.{payload}.{signature[:-1]}{chr(ord(signature[-1]) + 1)}",
    ]
    assert [status_of(spelling) for spelling in spellings] == [401] * len(spellings)


@pytest.mark.parametrize(
    "text", ["..", "a.b.c", "eyJ.eyJ.eyJ", "." * 2, "ct_a.b.c", "csk_a.b.c", "e30.e30.e30", "\0.\0.\0"]
)
def test_what_only_looks_like_one_is_refused(status_of: StatusOf, text: str) -> None:
    assert status_of(text) == 401


def test_a_long_one_is_refused_before_it_is_read(status_of: StatusOf, monkeypatch: pytest.MonkeyPatch) -> None:
    right = mint(note="x" * (MAX_JWT // 2))
    assert len(right) < MAX_JWT
    assert status_of(right) == 200
    User.objects.all().delete()
    monkeypatch.setattr("users.credentials.jwt_verification.jwt.get_unverified_header", pytest.fail)
    assert status_of(mint(note="x" * MAX_JWT)) == 401


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b'"x"', b"7", b"{", b"\xff", b"[" * 3000, b'{"sub":"zoe"}'])
def test_a_payload_that_is_no_object_of_claims_is_refused(status_of: StatusOf, payload: bytes) -> None:
    assert status_of(forge({"alg": "HS256"}, payload)) == 401
    assert status_of(forge(payload, claims_of())) == 401


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
def strict(settings: Any) -> JwtSettings:
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


def test_a_key_on_another_curve_signs_nothing(status_of: StatusOf) -> None:
    assert status_of(mint(key=generate_private_key(SECP384R1()), algorithm="ES384")) == 401


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

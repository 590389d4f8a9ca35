"""JWTs that are forged by their header, their key or their signature are refused: always 401, never 500."""

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key

from chatserver.tests.harness.jwts import (
    ALGORITHMS,
    JWT_SECRET,
    StatusOf,
    claims_of,
    encoded,
    forge,
    jwt_settings,
    mint,
    private_key,
    public_jwk,
    public_pem,
)


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
@pytest.mark.parametrize("said", [*ALGORITHMS, "RS512", "PS256", "ES384", "ES256K", "HS512"])
def test_a_token_says_the_algorithm_of_its_key(status_of: StatusOf, signed_by: str, said: str) -> None:
    signed = jwt.api_jws.encode(json.dumps(claims_of()).encode(), private_key(signed_by), signed_by)
    header, payload, signature = signed.split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == signed_by
    relabelled = f"{encoded(json.dumps({'alg': said}).encode())}.{payload}.{signature}"
    assert status_of(relabelled) == 401


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_known_algorithm_that_the_settings_do_not_name_is_refused(
    status_of: StatusOf, settings: Any, algorithm: str
) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings(*(name for name in ALGORITHMS if name != algorithm))
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


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_changed_payload_or_signature_is_refused(status_of: StatusOf, algorithm: str) -> None:
    key = JWT_SECRET if algorithm == "HS256" else private_key(algorithm)
    header, payload, signature = mint(key=key, algorithm=algorithm).split(".")
    other = encoded(json.dumps(claims_of("admin")).encode())
    assert status_of(f"{header}.{other}.{signature}") == 401
    for cut in ("", signature[:-1], signature[:-4], signature[:10], signature + "AAAA", "A" * len(signature)):
        assert status_of(f"{header}.{payload}.{cut}") == 401


def test_a_key_on_another_curve_signs_nothing(status_of: StatusOf) -> None:
    assert status_of(mint(key=generate_private_key(SECP384R1()), algorithm="ES384")) == 401

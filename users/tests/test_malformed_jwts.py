"""What only looks like a JWT is refused: always 401, never 500."""

import pytest

from chatserver.tests.harness.jwts import StatusOf, claims_of, forge, mint
from users.credentials.jwt_verification import MAX_JWT
from users.models import User


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

"""The settings of JWTs: each key has one algorithm, and what can't be right stops the start."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.core.exceptions import ImproperlyConfigured

from chatserver.tests.harness.jwts import JWT_SECRET, private_key, public_pem
from chatserver.tests.harness.settings import Read

OTHER_SECRET = "another-one-for-the-tests-of-jwts-another-one"


def pem_of(key: Any) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def file_of(tmp_path: Path) -> Any:
    def write(content: bytes, name: str = "key.pem") -> str:
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


def test_without_keys_it_is_off(read: Read) -> None:
    assert not read()["CHAT_JWT_KEYS"].is_on
    assert not read(CHAT_JWT_SECRETS=" , ,")["CHAT_JWT_KEYS"].is_on


def test_the_algorithms_follow_from_the_keys(read: Read, file_of: Any) -> None:
    files = [file_of(public_pem(name), name) for name in ("RS256", "ES256", "EdDSA")]
    for number, name in enumerate(("RS256", "ES256", "EdDSA")):
        found = read(CHAT_JWT_PUBLIC_KEYS=files[number])["CHAT_JWT_KEYS"]
        assert (found.algorithms, [key.algorithm for key in found.keys]) == ((name,), [name])
    found = read(CHAT_JWT_SECRETS=f"{JWT_SECRET}, {OTHER_SECRET}", CHAT_JWT_PUBLIC_KEYS=",".join(files))[
        "CHAT_JWT_KEYS"
    ]
    assert [key.algorithm for key in found.keys] == ["HS256", "HS256", "RS256", "ES256", "EdDSA"]
    assert found.keys[1].key == OTHER_SECRET
    by_url = read(CHAT_JWT_JWKS_URL="https://login.example.com/jwks")["CHAT_JWT_KEYS"]
    assert set(by_url.algorithms) == {"RS256", "ES256", "EdDSA"}
    narrowed = read(CHAT_JWT_JWKS_URL="https://login.example.com/jwks", CHAT_JWT_ALGORITHMS="ES256")["CHAT_JWT_KEYS"]
    assert narrowed.algorithms == ("ES256",)


def test_a_path_is_in_the_data_folder_unless_it_is_absolute(read: Read, file_of: Any) -> None:
    file_of(public_pem("ES256"), "host.pem")
    assert read(CHAT_JWT_PUBLIC_KEYS="host.pem")["CHAT_JWT_KEYS"].algorithms == ("ES256",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"CHAT_JWT_SECRETS": "secret"},
        {"CHAT_JWT_SECRETS": f"{JWT_SECRET},secret"},
        {"CHAT_JWT_SECRETS": "secret" * 5 + "s"},
        {"CHAT_JWT_SECRETS": public_pem("ES256").decode()},
        {"CHAT_JWT_ALGORITHMS": "HS256"},
        {"CHAT_JWT_SECRETS": JWT_SECRET, "CHAT_JWT_ALGORITHMS": "none"},
        {"CHAT_JWT_SECRETS": JWT_SECRET, "CHAT_JWT_ALGORITHMS": "HS256,HS512"},
        {"CHAT_JWT_SECRETS": JWT_SECRET, "CHAT_JWT_ALGORITHMS": "hs256"},
        {"CHAT_JWT_SECRETS": JWT_SECRET, "CHAT_JWT_ALGORITHMS": "HS256,RS256"},
        {"CHAT_JWT_SECRETS": JWT_SECRET, "CHAT_JWT_JWKS_URL": "https://a.example/", "CHAT_JWT_ALGORITHMS": "RS256"},
        {"CHAT_JWT_JWKS_URL": "https://a.example/", "CHAT_JWT_ALGORITHMS": "HS256"},
        {"CHAT_JWT_JWKS_URL": "http://login.example.com/jwks"},
        {"CHAT_JWT_JWKS_URL": "file:///etc/passwd", "CHAT_OUTBOUND_PRIVATE": "True"},
        {"CHAT_JWT_JWKS_URL": "https://"},
        {"CHAT_JWT_JWKS_URL": "https://user:secret@login.example.com/jwks"},
        {"CHAT_JWT_JWKS_URL": "https://login.example.com:port/jwks"},
        {"CHAT_JWT_JWKS_URL": "login.example.com/jwks"},
        {"CHAT_JWT_LEEWAY_SECONDS": "301"},
        {"CHAT_JWT_LEEWAY_SECONDS": "-1"},
        {"CHAT_JWT_MAX_SECONDS": "0"},
        {"CHAT_JWT_PUBLIC_KEYS": "not-there.pem"},
        {"CHAT_JWT_PUBLIC_KEYS": "."},
    ],
)
def test_what_cannot_be_right_is_named_without_the_secret(read: Read, wrong: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured, match="CHAT_JWT_") as refused:
        read(**wrong)
    assert JWT_SECRET not in str(refused.value)
    assert "secret" not in str(refused.value).replace("has a secret that", "")


def private_pem_of(algorithm: str, form: PrivateFormat) -> bytes:
    return private_key(algorithm).private_bytes(Encoding.PEM, form, NoEncryption())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lambda: private_pem_of("EdDSA", PrivateFormat.PKCS8), "is a private key"),
        (lambda: private_pem_of("ES256", PrivateFormat.TraditionalOpenSSL), "is a private key"),
        (lambda: public_pem("ES256") * 2, "more than one key"),
        (lambda: b"nonsense", "no public key in PEM"),
        (lambda: b"", "no public key in PEM"),
        (lambda: pem_of(new_rsa_key(65537, 1024)), "another kind"),  # noqa: S505 - refused for that
        (lambda: pem_of(generate_private_key(SECP384R1())), "another kind"),
        (lambda: pem_of(Ed448PrivateKey.generate()), "another kind"),
    ],
)
def test_a_file_that_is_no_usable_public_key_is_named(
    read: Read, file_of: Any, content: Callable[[], bytes], told: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"CHAT_JWT_PUBLIC_KEYS: .*key.pem .*{told}"):
        read(CHAT_JWT_PUBLIC_KEYS=file_of(content()))


def test_a_key_set_without_https_is_for_development(read: Read) -> None:
    found = read(CHAT_JWT_JWKS_URL="http://127.0.0.1:9/jwks", CHAT_OUTBOUND_PRIVATE="True")["CHAT_JWT_KEYS"]
    assert found.jwks_url == "http://127.0.0.1:9/jwks"

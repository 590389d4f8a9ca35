"""JWTs of a host product, the keys that sign them, and settings that know those keys."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rest_framework.test import APIClient

from chatserver.config.jwt_settings import JwtKey, JwtSettings

ALGORITHMS = ("HS256", "RS256", "ES256", "EdDSA")
# Every service of the tests knows it.
JWT_SECRET = "only-for-the-tests-of-jwts-only-for-the-tests"

# What the fixtures `by` and `status_of` are, given a token.
By = Callable[[str], APIClient]
StatusOf = Callable[[str], int]


def private_key(algorithm: str, number: int = 0) -> Any:
    """The same one each time."""
    return _new_key(algorithm, number)


@cache
def _new_key(algorithm: str, number: int) -> Any:
    if algorithm == "RS256":
        return new_rsa_key(65537, 2048)
    return new_ec_key(SECP256R1()) if algorithm == "ES256" else Ed25519PrivateKey.generate()


def public_pem(algorithm: str, number: int = 0) -> bytes:
    key = private_key(algorithm, number).public_key()
    return bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def public_jwk(algorithm: str, number: int = 0, **more: Any) -> dict[str, Any]:
    data = jwt.get_algorithm_by_name(algorithm).to_jwk(private_key(algorithm, number).public_key(), as_dict=True)
    return {**data, **more}


def jwt_settings(*algorithms: str, **more: Any) -> JwtSettings:
    """With JWT_SECRET for HS256, and the public key of each other algorithm."""
    keys = tuple(JwtKey(name, JWT_SECRET if name == "HS256" else private_key(name).public_key()) for name in algorithms)
    return JwtSettings(**{"keys": keys, "algorithms": algorithms, **more})


def claims_of(subject: Any = "zoe", **claims: Any) -> dict[str, Any]:
    """Those of a valid token of now; None leaves one out."""
    now = int(time.time())
    every = {"sub": subject, "iat": now, "exp": now + 600, **claims}
    return {name: value for name, value in every.items() if value is not None}


def mint(subject: Any = "zoe", /, *, key: Any = JWT_SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """A token as a host product makes it."""
    return jwt.encode(claims_of(subject, **claims), key, algorithm)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forge(header: Any, payload: Any, secret: bytes = JWT_SECRET.encode()) -> str:
    """A token of any header and payload (bytes as they are), with the HMAC of a secret."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    signed = ".".join(map(encoded, parts))
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), hashlib.sha256))}"

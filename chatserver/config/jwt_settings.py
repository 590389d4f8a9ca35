"""How the JWTs of a host product are verified, from the environment. Each key has one algorithm, which we choose."""

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.core.exceptions import ImproperlyConfigured

from chatserver.config.environment import Environment

PUBLIC_KEY_ALGORITHMS = ("RS256", "ES256", "EdDSA")
# RFC 7518, 3.2 and 3.3: as long as the hash, and 2,048 bits.
SHORTEST_JWT_SECRET = 32
SHORTEST_RSA_BITS = 2048


class JwtKey(NamedTuple):
    """What signatures are checked with: a secret, or a public key of `cryptography`. `kid` is its name in a JWKS."""

    algorithm: str
    key: Any
    kid: str | None = None


class JwtSettings(NamedTuple):
    """`keys` are those that are at hand; `jwks_url` has others. Empty texts are not checked."""

    keys: tuple[JwtKey, ...] = ()
    jwks_url: str = ""
    algorithms: tuple[str, ...] = ()
    issuer: str = ""
    audience: str = ""
    leeway_seconds: int = 30
    max_seconds: int = 86_400

    @property
    def is_on(self) -> bool:
        return bool(self.algorithms)


def read_jwt_settings(env: Environment, data_dir: Path) -> JwtSettings:
    """ImproperlyConfigured names the variable that is wrong, and never shows a secret."""
    secrets = [_secret(text) for text in _texts(env.list("CHAT_JWT_SECRETS", default=[]))]
    public_keys = [_public_key(data_dir / name) for name in _texts(env.list("CHAT_JWT_PUBLIC_KEYS", default=[]))]
    url = env.str("CHAT_JWT_JWKS_URL", default="").strip()
    if url:
        _check_jwks_url(url, allows_http=env.bool("CHAT_OUTBOUND_PRIVATE", default=False))
    keys = (*secrets, *public_keys)
    return JwtSettings(
        keys,
        url,
        _algorithms(_texts(env.list("CHAT_JWT_ALGORITHMS", default=[])), keys, has_key_set=bool(url)),
        env.str("CHAT_JWT_ISSUER", default=""),
        env.str("CHAT_JWT_AUDIENCE", default=""),
        env.count("CHAT_JWT_LEEWAY_SECONDS", 30, least=0, most=300),
        env.count("CHAT_JWT_MAX_SECONDS", 86_400, least=60),
    )


def _texts(given: list[str]) -> list[str]:
    return [text.strip() for text in given if text.strip()]


def _secret(text: str) -> JwtKey:
    if len(text.encode()) < SHORTEST_JWT_SECRET or "-----BEGIN" in text:
        raise ImproperlyConfigured(
            f"CHAT_JWT_SECRETS has a secret that is no random text of at least {SHORTEST_JWT_SECRET} characters"
        )
    return JwtKey("HS256", text)


def _public_key(path: Path) -> JwtKey:
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise ImproperlyConfigured(f"CHAT_JWT_PUBLIC_KEYS: {path} can't be read: {error.strerror}") from error
    if b"PRIVATE KEY-----" in pem:
        raise ImproperlyConfigured(f"CHAT_JWT_PUBLIC_KEYS: {path} is a private key; only the public one belongs here")
    if pem.count(b"-----BEGIN") > 1:
        raise ImproperlyConfigured(f"CHAT_JWT_PUBLIC_KEYS: {path} has more than one key; give each its own file")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ImproperlyConfigured(f"CHAT_JWT_PUBLIC_KEYS: {path} is no public key in PEM") from error
    algorithm = algorithm_of(key)
    if algorithm is None:
        known = "RSA of at least 2048 bits, EC on P-256, Ed25519"
        raise ImproperlyConfigured(f"CHAT_JWT_PUBLIC_KEYS: {path} is a key of another kind than {known}")
    return JwtKey(algorithm, key)


def algorithm_of(key: object) -> str | None:
    """The algorithm that a public key is used with; None for one that is not used at all, such as a private key."""
    if isinstance(key, RSAPublicKey) and key.key_size >= SHORTEST_RSA_BITS:
        return "RS256"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256"
    return "EdDSA" if isinstance(key, Ed25519PublicKey) else None


def _check_jwks_url(url: str, *, allows_http: bool) -> None:
    try:
        parts = urlsplit(url)
        is_url = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if (
        not is_url
        or parts.username is not None
        or parts.scheme not in ({"https", "http"} if allows_http else {"https"})
    ):
        raise ImproperlyConfigured(
            "CHAT_JWT_JWKS_URL is not an https:// URL; with CHAT_OUTBOUND_PRIVATE, for development, http:// will do"
        )


def _algorithms(wanted: list[str], keys: tuple[JwtKey, ...], *, has_key_set: bool) -> tuple[str, ...]:
    """Those that are wanted, or else those that there are keys of. Each has a key, and each key its algorithm."""
    usable = {key.algorithm for key in keys}
    possible = usable | set(PUBLIC_KEY_ALGORITHMS if has_key_set else ())
    for name in wanted:
        if name not in ("HS256", *PUBLIC_KEY_ALGORITHMS):
            known = ", ".join(("HS256", *PUBLIC_KEY_ALGORITHMS))
            raise ImproperlyConfigured(f"CHAT_JWT_ALGORITHMS has {name!r}; it may have {known}")
        if name not in possible:
            raise ImproperlyConfigured(f"CHAT_JWT_ALGORITHMS has {name}, but no setting gives a key of it")
    if wanted and (left := usable - set(wanted)):
        raise ImproperlyConfigured(f"CHAT_JWT_ALGORITHMS lacks {min(left)}, but there is a key of it")
    return tuple(sorted(set(wanted) or possible))

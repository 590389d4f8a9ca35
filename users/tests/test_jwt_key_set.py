"""The key set of an identity provider: what of it is used, how often it is read, and what happens while it is away."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key

from chatserver.errors import Unavailable
from chatserver.storage.outbound.connection import OutboundAnswer
from chatserver.storage.outbound.errors import OutboundTimeout, OutboundUnreachable
from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.jwts import claims_of, jwt_settings, private_key, public_jwk
from users.credentials import jwt_key_set
from users.credentials.jwt_key_set import KeySet, read_keys

URL = "https://login.example.com/jwks"
ASYMMETRIC = ("RS256", "ES256", "EdDSA")


class Provider:
    """What a key set is fetched from. `answer` may be an exception; `now` is the monotonic clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.now = 1000.0
        self.answer: Any = {"keys": [public_jwk("ES256", kid="a")]}
        monkeypatch.setattr(jwt_key_set, "fetch", self.fetch)
        monkeypatch.setattr(jwt_key_set.time, "monotonic", lambda: self.now)

    def fetch(self, url: str, *, seconds: float, most_bytes: int) -> OutboundAnswer:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, OutboundAnswer):
            return self.answer
        return OutboundAnswer(200, {}, json.dumps(self.answer).encode(), False)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return Provider(monkeypatch)


def kids(key_set: KeySet, kid: str | None, algorithm: str = "ES256") -> list[str | None]:
    return [key.kid for key in key_set.find(algorithm, kid)]


def test_it_is_read_once_and_then_after_five_minutes(provider: Provider) -> None:
    key_set = KeySet(URL)
    for _ in range(3):
        assert kids(key_set, "a") == ["a"]
    provider.now += 300
    assert (kids(key_set, "a"), provider.asked) == (["a"], 1)
    provider.now += 1
    provider.answer = {"keys": [public_jwk("ES256", kid="b")]}
    assert (kids(key_set, "a"), provider.asked) == ([], 2)


def test_an_unknown_key_is_asked_for_every_30_seconds_at_most(provider: Provider) -> None:
    key_set = KeySet(URL)
    assert kids(key_set, "a") == ["a"]
    for number in range(50):
        assert kids(key_set, f"unknown {number}") == []
    assert provider.asked == 1
    provider.answer["keys"].append(public_jwk("ES256", 1, kid="new"))
    provider.now += 30
    assert (kids(key_set, "new"), provider.asked) == (["new"], 2)
    assert (kids(key_set, "unknown"), provider.asked) == ([], 2)


FAILURES = [
    OutboundUnreachable("away"),
    OutboundTimeout("slow"),
    OutboundAnswer(500, {}, b"", False),
    OutboundAnswer(302, {"location": "http://169.254.169.254/"}, b"", False),
    OutboundAnswer(200, {}, b"<html>", False),
    OutboundAnswer(200, {}, b'{"keys": []}', True),
    OutboundAnswer(200, {}, b"\xff", False),
    OutboundAnswer(200, {}, b"[" * 100_000, False),
    [],
    {"keys": {}},
    {},
]


@pytest.mark.parametrize("failure", FAILURES)
def test_while_it_cannot_be_read_unknown_keys_are_503_and_known_ones_good(provider: Provider, failure: Any) -> None:
    key_set, good = KeySet(URL), provider.answer
    provider.answer = failure
    for _ in range(3):
        with pytest.raises(Unavailable) as refused:
            key_set.find("ES256", "a")
    assert provider.asked == 1
    assert refused.value.retry_after == 30
    provider.now += 20
    with pytest.raises(Unavailable) as refused:
        key_set.find("ES256", "a")
    assert (refused.value.retry_after, provider.asked) == (10, 1)
    provider.now += 10
    provider.answer = good
    assert (kids(key_set, "a"), provider.asked) == (["a"], 2)

    provider.answer = failure
    provider.now += 301
    assert (kids(key_set, "a"), kids(key_set, "a"), provider.asked) == (["a"], ["a"], 3)
    with pytest.raises(Unavailable):
        key_set.find("ES256", "b")
    assert provider.asked == 3
    # Who has a key that was withdrawn may not keep the provider away for ever.
    provider.now += 3600
    with pytest.raises(Unavailable):
        key_set.find("ES256", "a")


def test_only_public_keys_for_signatures_are_used() -> None:
    es, rsa = private_key("ES256"), private_key("RS256")
    private = jwt.get_algorithm_by_name("ES256").to_jwk(es, as_dict=True)
    others = [
        private,
        jwt.get_algorithm_by_name("RS256").to_jwk(rsa, as_dict=True),
        {"kty": "oct", "k": "bXkgc2VjcmV0IHRoYXQgaXMgbG9uZyBlbm91Z2ggZm9yIGl0"},
        {"kty": "oct", "k": "bXkgc2VjcmV0", "alg": "ES256"},
        public_jwk("RS256", use="enc"),
        public_jwk("RS256", alg="RS512"),
        public_jwk("RS256", alg="HS256"),
        public_jwk("RS256", alg="none"),
        public_jwk("ES256", kid=7),
        jwt.get_algorithm_by_name("ES384").to_jwk(generate_private_key(SECP384R1()).public_key(), as_dict=True),
        {"kty": "EC"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "n": "", "e": ""},
        {"kty": ["RSA"]},
        {},
        7,
        None,
        "key",
    ]
    assert read_keys({"keys": others}) == ()
    found = read_keys({"keys": [*others, *(public_jwk(name, kid=name, use="sig", alg=name) for name in ASYMMETRIC)]})
    assert [(key.kid, key.algorithm) for key in found] == [(name, name) for name in ASYMMETRIC]
    assert len(read_keys({"keys": [public_jwk("ES256")] * 500})) == 100


def test_a_key_is_found_by_its_algorithm_and_its_name(provider: Provider) -> None:
    provider.answer = {"keys": [public_jwk("ES256", kid="a"), public_jwk("EdDSA", kid="a"), public_jwk("ES256", 1)]}
    key_set = KeySet(URL)
    assert kids(key_set, "a") == ["a", None]
    assert kids(key_set, None) == ["a", None]
    assert kids(key_set, "a", "EdDSA") == ["a"]
    assert kids(key_set, "a", "RS256") == []


def test_one_of_many_asks_and_the_others_wait_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, may_answer = [], threading.Event()

    def fetch(url: str, **_: Any) -> OutboundAnswer:
        asked.append(url)
        assert may_answer.wait(10)
        body = json.dumps({"keys": [public_jwk("ES256", kid="a")]}).encode()
        return OutboundAnswer(200, {}, body, False)

    monkeypatch.setattr(jwt_key_set, "fetch", fetch)
    monkeypatch.setattr(jwt_key_set, "KEY_SET_WAIT_SECONDS", 10)
    key_set = KeySet(URL)
    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(kids, key_set, "a") for _ in range(8)]
        may_answer.set()
        assert [each.result() for each in found] == [["a"]] * 8
        assert len(asked) == 1
        # Later nobody waits for an unknown key while another one asks.
        may_answer.clear()
        monkeypatch.setattr(jwt_key_set, "KEY_SET_RETRY_SECONDS", 0)
        asking = pool.submit(kids, key_set, "b")
        while len(asked) < 2:
            time.sleep(0.001)
        with pytest.raises(Unavailable):
            key_set.find("ES256", "c")
        assert kids(key_set, "a") == ["a"]
        may_answer.set()
        assert asking.result() == []


@pytest.fixture
def key_server(settings: Any) -> Iterator[str]:
    """A provider on this machine; its URL."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"keys": [public_jwk(name, kid=name) for name in ASYMMETRIC]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    settings.CHAT_OUTBOUND_PRIVATE = True
    yield f"http://127.0.0.1:{server.server_port}/jwks"
    server.shutdown()
    server.server_close()


def request(api_of: Any, algorithm: str, **header: str) -> Any:
    client = api_of(None)
    token = jwt.encode(claims_of(), private_key(algorithm), algorithm, header)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client.get("/api/v1/users/me/")


def test_people_come_in_by_the_keys_of_a_provider(api_of: Any, settings: Any, db: None, key_server: str) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings()._replace(jwks_url=key_server, algorithms=ASYMMETRIC)
    people = [request(api_of, name, **header) for name in ASYMMETRIC for header in ({}, {"kid": name})]
    assert {answer.json()["username"] for answer in people} == {"zoe"}
    assert_problem(request(api_of, "ES256", kid="RS256"), 401, "invalid_token")
    assert_problem(request(api_of, "ES256", kid="x"), 401, "invalid_token")


def test_a_provider_that_is_away_is_told_as_503(api_of: Any, settings: Any, db: None, key_server: str) -> None:
    settings.CHAT_OUTBOUND_PRIVATE = False
    settings.CHAT_JWT_KEYS = jwt_settings("EdDSA")._replace(jwks_url=key_server, algorithms=ASYMMETRIC)
    refused = request(api_of, "ES256")
    assert_problem(refused, 503, "keys_unavailable")
    assert 0 < int(refused["Retry-After"]) <= 30
    # The keys at hand do not need it.
    assert request(api_of, "EdDSA", kid="x").status_code == 200

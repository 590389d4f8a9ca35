"""Deliveries are signed as Standard Webhooks 1.0 says; its own package is the oracle."""

from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from chatserver.tests.harness.receiver import Received, Receiver
from chatserver.tests.harness.webhooks import Work
from chatserver.webhooks import actions
from chatserver.webhooks.models import Endpoint
from chatserver.webhooks.signatures import secret_of

Add = Callable[..., Endpoint]


@pytest.fixture
def deliver(work: Work, receiver: Receiver, happen: Callable[..., int]) -> Callable[[], Received]:
    """The request of an event."""

    def send() -> Received:
        happen(1)
        work.settle()
        return receiver.received[-1]

    return send


def is_signed_with(secret: str, received: Received) -> bool:
    try:
        return bool(Webhook(secret).verify(received.body, received.headers))
    except WebhookVerificationError:
        return False


def test_a_delivery_is_signed_with_the_secret_of_its_endpoint(
    add: Add, receiver: Receiver, deliver: Callable[[], Received]
) -> None:
    endpoint = add(receiver)
    received = deliver()
    assert is_signed_with(secret_of(endpoint.secret_salt), received)
    assert received.headers["webhook-signature"].startswith("v1,")
    assert " " not in received.headers["webhook-signature"]
    forged = received._replace(body=received.body.replace(b"1", b"2"))
    assert not is_signed_with(secret_of(endpoint.secret_salt), forged)
    assert not is_signed_with(secret_of(add("http://127.0.0.1:9/").secret_salt), received)


def test_while_a_secret_rotates_both_sign(add: Add, receiver: Receiver, deliver: Callable[[], Received]) -> None:
    endpoint = add(receiver)
    old = secret_of(endpoint.secret_salt)
    new = secret_of(actions.rotate_secret(endpoint).secret_salt)
    assert new != old
    received = deliver()
    assert is_signed_with(old, received)
    assert is_signed_with(new, received)
    Endpoint.objects.update(previous_until="2020-01-01T00:00:00Z")
    received = deliver()
    assert not is_signed_with(old, received)
    assert is_signed_with(new, received)


def test_a_former_secret_key_signs_as_long_as_it_is_a_fallback(
    add: Add, receiver: Receiver, deliver: Callable[[], Received], settings: Any
) -> None:
    secret = secret_of(add(receiver).secret_salt)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-another-key-another-key-another-key"
    assert is_signed_with(secret, deliver())
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_signed_with(secret, deliver())


def test_the_secret_is_not_in_the_database(add: Add, receiver: Receiver) -> None:
    endpoint = add(receiver)
    stored = str(Endpoint.objects.filter(pk=endpoint.pk).values().get())
    assert secret_of(endpoint.secret_salt).removeprefix("whsec_") not in stored

"""What the tests of webhooks share: an event type of their own, receivers, requests, and the worker, driven by hand."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rest_framework.serializers import Serializer

from chatserver.events import catalogue, log
from chatserver.events.catalogue import EventType
from chatserver.events.sequencer import sequence
from chatserver.events.topics import room_topic
from chatserver.tests.harness import refusals
from chatserver.tests.harness.receiver import Behaviour, Receiver
from chatserver.tests.harness.webhook_calls import Call, caller_with
from chatserver.tests.harness.webhooks import Work
from chatserver.webhooks import actions
from chatserver.webhooks.models import Endpoint
from users.actions.people import create_user
from users.actions.service_keys import find_or_make_service, issue_key
from users.models import User


@pytest.fixture(autouse=True)
def toy_types(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The registered types test.happened and test.ended; and private addresses are allowed."""
    settings.CHAT_OUTBOUND_PRIVATE = True
    refusals.operations()  # once, while the schema has no types of tests
    for name in ("test.happened", "test.ended"):
        made = EventType(
            name=name,
            summary="A test wrote this.",
            topics=("room:<room_id>",),
            heard_by="nobody",
            data=Serializer,
            example={},
            since="1.0.0",
        )
        monkeypatch.setitem(catalogue.TYPES, name, made)


@pytest.fixture
def shop(db: Any) -> User:
    """A service account."""
    made = create_user("shop")
    made.is_service = True
    made.save()
    while sequence():
        pass
    return made


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    started: list[Receiver] = []

    def start(behave: Behaviour | None = None) -> Receiver:
        started.append(Receiver(behave))
        return started[-1]

    yield start
    for receiver in started:
        receiver.close()


@pytest.fixture
def receiver(receive: Callable[..., Receiver]) -> Receiver:
    return receive()


@pytest.fixture
def add(shop: User) -> Callable[..., Endpoint]:
    """Adds an endpoint at a receiver, or at a URL."""

    def make(at: Receiver | str, **choices: Any) -> Endpoint:
        url = at if isinstance(at, str) else at.url
        return actions.create_endpoint(shop.pk, url=url, **{"types": ["test.*"], **choices})

    return make


@pytest.fixture
def work(db: Any) -> Iterator[Work]:
    """The worker, in this thread and so in the transaction of the test."""
    made = Work()
    yield made
    made.end()


@pytest.fixture
def happen(db: Any) -> Callable[..., int]:
    """Emits events with these numbers in a room; returns the position of the last."""

    def emit(*numbers: int, room: int = 3, event_type: str = "test.happened") -> int:
        for number in numbers:
            log.emit(room_topic(room), event_type, {"number": number}, room_id=room)
        while sequence():
            pass
        return log.position()

    return emit


@pytest.fixture
def key_of(shop: User) -> Callable[..., str]:
    """A key of the shop, or of another service account, with these scopes."""

    def make(*scopes: str, account: str = "") -> str:
        return issue_key(find_or_make_service(account) if account else shop, "a key", list(scopes))[0]

    return make


@pytest.fixture
def call(key_of: Callable[..., str]) -> Call:
    """Requests by a key with webhooks:write."""
    return caller_with(key_of("webhooks:write"))

"""What the tests of the log share: an event type of their own, since the log knows no app's."""

import pytest
from rest_framework.serializers import Serializer

from chatserver.events import catalogue
from chatserver.events.catalogue import EventType


@pytest.fixture(autouse=True)
def toy_type(monkeypatch: pytest.MonkeyPatch) -> EventType:
    """The registered type "test.happened"."""
    made = EventType(
        name="test.happened",
        summary="A test wrote this.",
        topics=("test:<number>",),
        heard_by="nobody",
        data=Serializer,
        example={},
        since="1.0.0",
    )
    monkeypatch.setitem(catalogue.TYPES, made.name, made)
    return made

"""Metadata of messages: a JSON object, as it was sent, and gone with the message."""

from typing import Any

import pytest

from chats.models import Message
from rooms.models import Room
from users.models import User

CHATS = "/api/v1/chats/"


def test_everybody_gets_it_as_it_was_sent(api_of: Any, recorder: Any, alice: User, bob: User, closed: Room) -> None:
    metadata = {"order": 551, "ratio": 1.5, "who": ["ä", None, True], "in": {"thread": {"root_id": 1}}, "z": 1, "a": 2}
    record = recorder()
    body = {"room_id": closed.pk, "message": "hai", "metadata": metadata, "client_message_id": "once"}
    shown = api_of(alice).post(CHATS, body, "json").json()
    assert shown["metadata"] == metadata
    assert list(shown["metadata"]) == list(metadata)
    assert [told for _, _, told in record.events()] == [shown]
    (page,) = api_of(bob).get(f"/api/v1/rooms/{closed.pk}/messages/").json()["results"]
    assert page["metadata"] == metadata
    assert api_of(alice).post(CHATS, body, "json").status_code == 200
    reordered = {name: metadata[name] for name in reversed(metadata)}
    assert api_of(alice).post(CHATS, body | {"metadata": reordered}, "json").status_code == 200
    for other in ({"order": 552}, {}, None, metadata | {"z": True}):
        answer = api_of(alice).post(CHATS, body | {"metadata": other}, "json")
        assert (answer.status_code, answer.json()["code"]) == (409, "client_message_id_used"), other
    edited = api_of(alice).patch(f"/api/v1/messages/{shown['id']}/", {"message": "hello"}, "json").json()
    assert edited["metadata"] == metadata
    api_of(alice).delete(f"/api/v1/messages/{shown['id']}/")
    assert api_of(bob).get(f"/api/v1/messages/{shown['id']}/").json()["metadata"] == {}
    assert Message.objects.get().metadata is None


@pytest.mark.parametrize("metadata", [[], "x", 1, True, {"x": "x" * 4096}])
def test_what_is_no_small_object_is_refused(
    api_of: Any, recorder: Any, alice: User, closed: Room, metadata: Any
) -> None:
    record = recorder()
    answer = api_of(alice).post(CHATS, {"room_id": closed.pk, "message": "hai", "metadata": metadata}, "json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "metadata")
    assert record.rows() == []

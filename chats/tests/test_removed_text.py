"""Invariant I9: what was taken back is nowhere. All tables, all of Redis, all answers and streams are searched."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from chatserver.tests.harness.dumps import pg_dump
from chatserver.tests.harness.processes import manage
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

ANSWERS = (
    "/api/v1/rooms/",
    "/api/v1/rooms/{room}/messages/",
    "/api/v1/rooms/{room}/pins/",
    "/api/v1/messages/{root}/replies/",
    "/api/v1/messages/{edited}/",
    "/api/v1/messages/{edited}/edits/",
    "/api/v1/threads/",
    "/api/v1/sync/",
    "/api/v1/events/?after=0&limit=1000",
    "/api/v1/chats/?user_id={sender}",
)
REMOVE_AS_STAFF = (
    "from chats.actions.changes import remove_message; from chats.models import Message; "
    "from users.models import User; remove_message(Message.objects.get(pk={}), actor=User.objects.get(pk={}))"
)


class Marker:
    """A word that is found nowhere else."""

    def __init__(self) -> None:
        self.word = f"marker{uuid.uuid4().hex}"

    def text(self, kind: str) -> str:
        return f"{self.word} of what was {kind}"


def everything_in_redis(url: str) -> Iterator[Any]:
    readers = {
        "string": "GET {}",
        "list": "LRANGE {} 0 -1",
        "zset": "ZRANGE {} 0 -1",
        "hash": "HGETALL {}",
        "set": "SMEMBERS {}",
    }
    with redis.Redis.from_url(url) as connection:
        for key in connection.scan_iter():
            command, *rest = readers[connection.type(key).decode()].split(" ")
            yield key, connection.execute_command(command, key, *rest[1:])


def where(marker: Marker, service: Service, reader: Client, start: str, ids: dict[str, int]) -> list[str]:
    """All places where the marker still is."""
    found = [line for line in pg_dump(service.env["DATABASE_URL"], "--data-only").splitlines() if marker.word in line]
    found += [str(item) for item in everything_in_redis(service.env["REDIS_URL"]) if marker.word in str(item)]
    answers = {path: reader.get(path.format(**ids)).text for path in ANSWERS}
    found += [path for path, text in answers.items() if marker.word in text]
    replay = reader.listen(start)
    found += [f"replay: {event.name}" for event in replay.events if marker.word in str(event.data)]
    replay.close()
    return found


def test_what_was_edited_away_or_removed_is_nowhere(start_service: Callable[..., Service]) -> None:
    service, marker = start_service(), Marker()
    alice, bob = service.people(2)
    listening = bob.listen()
    start = listening.named("hello")[0].id
    assert start is not None
    room = alice.make_room(bob)
    root = alice.send_text("stays", room)
    reply = alice.send_text(marker.text("removed from a thread"), room, parent_id=root["id"])
    removed = alice.send_text(marker.text("removed"), room, metadata={"note": marker.text("metadata")})
    moderated = bob.send_text(f"@{alice.name} {marker.text('moderated')}", room)
    by_staff = bob.send_text(marker.text("removed by staff"), room)
    direct = alice.send_text(marker.text("said in private"), open_direct(alice, bob))
    edited = alice.send_text(marker.text("edited away"), room)
    ids = {"room": room, "root": root["id"], "edited": edited["id"], "sender": alice.id}
    for message in (removed, edited):
        assert alice.put(f"/api/v1/messages/{message['id']}/pin/").is_success
    assert bob.put(f"/api/v1/messages/{removed['id']}/reactions/:shipit:/").is_success
    listening.wait("reaction.added")
    assert len(where(marker, service, bob, start, ids)) > 7

    assert alice.patch(f"/api/v1/messages/{edited['id']}/", json={"message": "another text"}).is_success
    for message in (reply, removed, moderated, direct):
        assert alice.delete(f"/api/v1/messages/{message['id']}/").is_success
    manage(service.env, "shell", "-c", REMOVE_AS_STAFF.format(by_staff["id"], alice.id))
    wait_for(lambda: len(listening.named("message.deleted")) == 5)
    assert where(marker, service, bob, start, ids) == []
    assert "another text" in bob.get(f"/api/v1/rooms/{room}/messages/").text


def open_direct(person: Client, other: Client) -> int:
    answer = person.post("/api/v1/chats/", json={"user_id": other.id, "message": "hai"})
    assert answer.status_code == 201, answer.text
    room_id: int = answer.json()["room_id"]
    return room_id


@pytest.mark.parametrize("days", ["30"])
def test_earlier_texts_that_are_kept_go_with_the_message(start_service: Callable[..., Service], days: str) -> None:
    service, marker = start_service(CHAT_EDIT_HISTORY_DAYS=days), Marker()
    alice, bob = service.people(2)
    room = alice.make_room(bob)
    message = bob.send_text(marker.text("edited"), room)
    path = f"/api/v1/messages/{message['id']}/"
    assert bob.patch(path, json={"message": "another text"}).is_success
    assert marker.word in alice.get(f"{path}edits/").text
    assert bob.get(f"{path}edits/").status_code == 403
    assert bob.delete(path).is_success
    assert marker.word not in pg_dump(service.env["DATABASE_URL"], "--data-only")

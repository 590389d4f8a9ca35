"""With everything narrow nobody learns of a stranger, and people who share a room see each other as always.

The world of alice and bob is looked at twice, by every operation that OpenAPI has for reading: once before there is a
stranger, and once when they, their rooms and messages are there. All answers are the same. Whatever is looked up by an
id of the stranger's is answered like an id of nobody.
"""

import json
import re
import uuid
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from chats.actions.messages import send_message
from chatserver.events.sequencer import sequence
from chatserver.tests.harness.answers import assert_problem
from rooms.actions.rooms import create_room
from rooms.models import Kind, Room
from users import presence
from users.actions.people import create_user, update_profile
from users.models import User

# Ids that no text has by chance.
STRANGER_ID, NOBODY_ID = 777_000_111, 777_000_222
pytestmark = pytest.mark.usefixtures("own_presence", "narrow")


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    made = create_room(alice, [bob], name="Order 551", kind=Kind.CLOSED)
    send_message(bob, made.pk, "hai")
    come_online(alice, bob)
    return made


def come_online(*people: User) -> None:
    while sequence():
        pass
    presence.open_streams([(user.pk, uuid.uuid4().hex) for user in people])


class Stranger:
    """Somebody with rooms, messages and a stream, and what of them is nobody's to know."""

    def __init__(self) -> None:
        self.user = User.objects.create_user("mallory", pk=STRANGER_ID, display_name="Mallory M.")
        self.room = create_room(self.user, [create_user("trudy")], name="Their room", kind=Kind.CLOSED)
        self.message, _ = send_message(self.user, self.room.pk, "a secret")
        update_profile(self.user, {"avatar_url": "https://example.com/mallory.png"})
        come_online(self.user)

    secrets = re.compile(f"mallory|trudy|their room|a secret|{STRANGER_ID}", re.I)


def reading_operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """The path and the operation of each GET that people may send, but for the stream, which has its own test."""
    for path, item in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        if "get" in item and not path.endswith("/stream") and not item["get"].get("x-only-keys"):
            yield path, item["get"]


def calls(ids: dict[str, list[int]]) -> Iterator[str]:
    """Every reading call with these ids: of "user", "room" and "message"."""
    for path, operation in reading_operations():
        names = re.findall(r"{(\w+)}", path)
        choices = [ids[kind_of(name, path)] for name in names]
        for chosen in product(*choices):
            url = path
            for name, value in zip(names, chosen, strict=True):
                url = url.replace(f"{{{name}}}", str(value))
            yield url
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query" and parameter["name"] in {"user_id", "room_id", "ids", "around", "q"}:
                    kind = {"user_id": "user", "ids": "user", "room_id": "room", "around": "message"}
                    values = ["m", "mallory"] if parameter["name"] == "q" else ids[kind[parameter["name"]]]
                    yield from (f"{url}?{parameter['name']}={value}" for value in values)


def kind_of(name: str, path: str) -> str:
    """Whose id a parameter of a path is."""
    if name in {"user_id", "room_id", "message_id"}:
        return name.removesuffix("_id")
    first = path.removeprefix("/api/v1/").split("/")[0]
    return {"rooms": "room", "messages": "message"}.get(first, "user")


def answers(client: Any, ids: dict[str, list[int]]) -> dict[str, tuple[int, str]]:
    found = {}
    for url in calls(ids):
        answer = client.get(url)
        text = answer.content.decode()
        found[url] = answer.status_code, re.sub(r'"request_id":"\w+"|"(next|position)":\d+', "", text)
    return found


def test_no_answer_is_another_one_because_of_a_stranger(api_of: Any, alice: User, bob: User, room: Room) -> None:
    own = {"user": [alice.pk, bob.pk], "room": [room.pk, 0], "message": [room.pk]}
    before = answers(api_of(alice), own)
    assert len(before) > 30
    stranger = Stranger()
    after = answers(api_of(alice), own)
    assert after == before
    theirs = {"user": [stranger.user.pk], "room": [stranger.room.pk], "message": [stranger.message.pk]}
    for url, (status, text) in answers(api_of(alice), theirs).items():
        assert not stranger.secrets.search(text.replace(f'"detail":"There is no user {STRANGER_ID}."', "")), (url, text)
        assert status != 500


def test_the_old_routes_tell_nothing_of_a_stranger(api_of: Any, alice: User, bob: User, room: Room) -> None:
    stranger, client = Stranger(), api_of(alice)
    assert set(client.get("/users/online").json()) == {str(alice.pk), str(bob.pk)}
    assert set(client.get(f"/users?ids[]={STRANGER_ID}&ids[]={bob.pk}&ids[]={NOBODY_ID}").json()) == {str(bob.pk)}
    pairs = [f"{min(alice.pk, other)}:{max(alice.pk, other)}" for other in (STRANGER_ID, NOBODY_ID)]
    for method, url, body in (
        ("get", "/room/{pair}/messages", None),
        ("get", "/room/{pair}/preload", None),
        ("post", "/room/{pair}/messages", {"message": "hai"}),
        ("post", "/room", {"user1": alice.pk, "user2": "{other}"}),
    ):
        texts = set()
        for pair, other in zip(pairs, (STRANGER_ID, NOBODY_ID), strict=True):
            filled = json.loads(json.dumps(body).replace("{other}", str(other)))
            answer = getattr(client, method)(url.format(pair=pair), filled, *(["json"] if method == "post" else []))
            texts.add((answer.status_code, answer.content.decode().replace(str(other), "N")))
        assert len(texts) == 1, texts
        assert texts.pop()[0] == 404
    listed = client.get(f"/rooms/{alice.pk}").content.decode()
    assert not stranger.secrets.search(listed)
    assert '"General"' not in listed


def test_people_who_share_a_room_find_address_and_add_each_other(
    api_of: Any, settings: Any, alice: User, bob: User, charlie: User, room: Room
) -> None:
    create_room(alice, [charlie], name="Order 552", kind=Kind.CLOSED)
    come_online(charlie)
    client = api_of(alice)
    assert [user["id"] for user in client.get("/api/v1/users/").json()["results"]] == [alice.pk, bob.pk, charlie.pk]
    assert [user["id"] for user in client.get("/api/v1/users/?q=BO").json()["results"]] == [bob.pk]
    assert client.get(f"/api/v1/users/{bob.pk}/").json()["username"] == "bob"
    assert client.get(f"/api/v1/users/?user_id={bob.pk}").json()["id"] == bob.pk
    assert len(client.get("/api/v1/users/online/").json()["results"]) == 3
    assert client.post("/api/v1/chats/", {"user_id": bob.pk, "message": "hai"}, "json").status_code == 201
    answer = client.post(f"/api/v1/rooms/{room.pk}/members/", {"user_id": charlie.pk}, "json")
    assert answer.status_code == 201
    # Now bob and charlie do, too.
    assert api_of(bob).get(f"/api/v1/users/{charlie.pk}/").status_code == 200
    settings.CHAT_DIRECTORY = "nobody"
    assert [user["id"] for user in client.get("/api/v1/users/").json()["results"]] == [alice.pk]
    assert client.get("/api/v1/users/?q=bob").json()["results"] == []
    assert client.get(f"/api/v1/users/{bob.pk}/").status_code == 200
    assert client.get(f"/api/v1/users/{STRANGER_ID}/").status_code == 404


def test_who_is_removed_becomes_a_stranger(api_of: Any, alice: User, bob: User, room: Room) -> None:
    assert api_of(bob).delete(f"/api/v1/rooms/{room.pk}/members/{bob.pk}/").status_code == 204
    for viewer, other in ((alice, bob), (bob, alice)):
        assert_problem(api_of(viewer).get(f"/api/v1/users/{other.pk}/"), 404, "not_found")

"""Bodies that the schema forbids are refused, whatever Python would make of them, and change nothing."""

from typing import Any

import pytest

from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.outbox import Recorder
from rooms.actions.rooms import create_room
from rooms.models import Kind, Room
from users.models import User

NO_NUMBERS = ["0_0", "\u0660", "+0", "-0", " 0", "0.0", "1e0", "", "9" * 30, 0.0, 1.5, True, [0], {"id": 0}, -1]
NO_TEXTS = [0, 1.5, True, ["a"], {"a": "b"}]
INVISIBLE = [
    "",
    "  ",
    "\u200b\u200d",
    "\u3164",
    "\u2800 \u00a0",
    "\u115f\u1160\uffa0",
    "\ufe0f",
    "\U000e0041",
    "\u202e",
]


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return create_room(alice, [bob], name="The room", kind=Kind.OPEN)


@pytest.fixture
def refuse(api_of: Any, alice: User, room: Room) -> Any:
    """Send a body that is to be refused for one field."""

    def send(method: str, path: str, body: dict[str, Any], field: str) -> None:
        record = Recorder()
        url = f"/api/v1/{path.format(room=room.pk)}"
        answer = getattr(api_of(alice), method)(url, body, "json")
        problem = assert_problem(answer, 400)
        assert {error["field"].split(".")[0] for error in problem["errors"]} == {field}
        assert record.rows() == []

    return send


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_what_is_no_whole_number_names_nothing(refuse: Any, number: Any) -> None:
    refuse("post", "chats/", {"room_id": number, "message": "x"}, "room_id")
    refuse("post", "chats/", {"user_id": number, "message": "x"}, "user_id")
    refuse("post", "rooms/", {"name": "x", "members": [number]}, "members")
    refuse("post", "rooms/{room}/members/", {"user_id": number}, "user_id")
    refuse("post", "rooms/{room}/members/", {"user_ids": [number]}, "user_ids")
    refuse("put", "rooms/{room}/read-marker/", {"seq": number}, "seq")


@pytest.mark.parametrize("text", NO_TEXTS)
def test_what_is_no_text_is_not_made_one(refuse: Any, text: Any) -> None:
    refuse("post", "chats/", {"room_id": 0, "message": text}, "message")
    refuse("post", "chats/", {"room_id": 0, "message": "x", "client_message_id": text}, "client_message_id")
    for name in ("name", "description"):
        refuse("post", "rooms/", {"name": "x"} | {name: text}, name)
        refuse("patch", "rooms/{room}/", {name: text}, name)
    for name in ("display_name", "avatar_url", "email"):
        refuse("patch", "users/me/", {name: text}, name)
    for name in ("username", "email", "password"):
        refuse("post", "users/", {"username": "zoe", "password": "kR4-tulip-sky"} | {name: text}, name)
    for name in ("username", "password"):
        refuse("post", "tokens/", {"username": "alice", "password": "x"} | {name: text}, name)


@pytest.mark.parametrize("text", INVISIBLE)
def test_what_shows_nothing_is_empty(refuse: Any, api_of: Any, alice: User, text: str) -> None:
    refuse("post", "chats/", {"room_id": 0, "message": text}, "message")
    refuse("post", "rooms/", {"name": text}, "name")
    answer = api_of(alice).patch("/api/v1/users/me/", {"display_name": text}, "json")
    assert (answer.status_code, answer.json()["display_name"]) == (200, "")


@pytest.mark.parametrize("name", ["adam\u3164", "a\u202eb", "a\x07b", "a\nb", "\u200badam", "ad\u200bam", "a \u200d b"])
def test_names_hide_nothing(refuse: Any, name: str) -> None:
    refuse("post", "rooms/", {"name": name}, "name")
    refuse("patch", "rooms/{room}/", {"name": name}, "name")
    refuse("patch", "users/me/", {"display_name": name}, "display_name")


@pytest.mark.parametrize("name", ["राम", "กิตติ", "Ọ̀ṣun", "نی‌ام", "👩‍👩‍👧", "❤️", "क्‍ष", "Élodie d'Été", "山田 太郎"])
def test_names_of_all_scripts_are_fine(api_of: Any, alice: User, name: str) -> None:
    answer = api_of(alice).patch("/api/v1/users/me/", {"display_name": name}, "json")
    assert answer.status_code == 200, answer.json()
    assert api_of(alice).post("/api/v1/rooms/", {"name": name}, "json").status_code == 201


def test_names_are_in_their_normal_form(api_of: Any, alice: User) -> None:
    answer = api_of(alice).patch("/api/v1/users/me/", {"display_name": "Ａｌ\u00a0\ufb01"}, "json")
    assert answer.json()["display_name"] == "Al fi"


def test_digits_may_be_a_text_and_null_is_left_out(api_of: Any, alice: User) -> None:
    body = {"room_id": "0", "message": "x", "client_message_id": None}
    answer = api_of(alice).post("/api/v1/chats/", body, "json")
    assert (answer.status_code, answer.json()["client_message_id"]) == (201, None)
    api_of(alice).patch("/api/v1/users/me/", {"email": "al@example.com"}, "json")
    assert api_of(alice).patch("/api/v1/users/me/", {"email": None}, "json").json()["email"] == ""


def test_the_length_of_a_list_is_checked_before_its_elements(refuse: Any, api_of: Any, alice: User, room: Room) -> None:
    many = ["a"] * 190_000
    refuse("post", "rooms/", {"name": "x", "members": many}, "members")
    refuse("post", "rooms/{room}/members/", {"user_ids": many}, "user_ids")
    answer = api_of(alice).post(f"/api/v1/rooms/{room.pk}/members/", {"user_ids": many}, "json")
    assert len(answer.json()["errors"]) == 1
    assert len(answer.content) < 1000


def test_so_many_errors_are_listed_and_no_more(api_of: Any, alice: User, room: Room) -> None:
    answer = api_of(alice).post(f"/api/v1/rooms/{room.pk}/members/", {"user_ids": ["a"] * 200}, "json")
    assert (answer.status_code, len(answer.json()["errors"])) == (400, 20)


def test_a_page_past_the_end_is_none(api_of: Any, alice: User) -> None:
    assert api_of(alice).get("/api/v1/chats/").json()["messages"] == []
    assert api_of(alice).get("/api/v1/chats/?page=1&room_id=0").status_code == 200
    for query in ("page=2", "page=99", "page=2&room_id=0"):
        assert_problem(api_of(alice).get(f"/api/v1/chats/?{query}"), 404, "page_not_found")

"""A text is 1 to 4,000 characters after trimming, holds no NUL, and otherwise is kept as it came."""

from typing import Any

import pytest

from chats.models import Message
from users.models import User

CHATS = "/api/v1/chats/"


def send(client: Any, text: str) -> Any:
    return client.post(CHATS, {"room_id": 0, "message": text}, "json")


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "x" * 4000,
        "𝄞" * 4000,
        "<script>alert(1)</script>&amp;'\"",
        "a\n\n\tb",
        "line\r\nbreak",
        "e\u0301 is not \u00e9",
        "👩‍👩‍👧‍👦 🇦🇹 \u202eright to left\u202c \u200b \ufeff \ufffd \U0010ffff",
        "\x01\x07\x1b[31m\x7f\x80",
        "\\u0000 '; DROP TABLE chats_message; -- %s %(a)s {} $1",
        "0",
        "null",
        "\u2028 and \u2029 between",
        "a\u2028b\u2029c\x85d",
    ],
)
def test_it_is_kept_as_it_came(api_of: Any, recorder: Any, alice: User, text: str) -> None:
    kept = text.strip()
    record = recorder()
    answer = send(api_of(alice), text)
    assert (answer.status_code, answer.json()["message"]) == (201, kept)
    assert Message.objects.get(pk=answer.json()["id"]).text == kept
    assert record.events()[0][2]["message"] == kept


@pytest.mark.parametrize("space", [" ", "\n", "\t", "\u00a0", "\u3000", "\r\n"])
def test_the_space_around_it_is_trimmed(api_of: Any, alice: User, space: str) -> None:
    assert send(api_of(alice), f"{space}hello {space}").json()["message"] == "hello"
    assert send(api_of(alice), f"{space}{'x' * 4000}{space}").status_code == 201


@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000", "x" * 4001, " " + "𝄞" * 4001, "a\0b", "\0"])
def test_what_is_no_text_is_400(api_of: Any, recorder: Any, alice: User, text: str) -> None:
    record = recorder()
    answer = send(api_of(alice), text)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "message")
    assert not Message.objects.exists()
    assert record.rows() == []


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00x", "\\ud83d\\u0041", "x\\udfff"])
def test_half_a_surrogate_pair_is_400(api_of: Any, alice: User, escape: str) -> None:
    body = '{"room_id":0,"message":"' + escape + '"}'
    assert api_of(alice).post(CHATS, body, content_type="application/json").status_code == 400
    assert not Message.objects.exists()


def test_a_whole_pair_is_one_character(api_of: Any, alice: User) -> None:
    body = '{"room_id":0,"message":"\\ud83d\\ude00"}'
    answer = api_of(alice).post(CHATS, body, content_type="application/json")
    assert answer.json()["message"] == "😀"


def test_an_event_is_one_line_whatever_the_text(api_of: Any, recorder: Any, alice: User) -> None:
    record = recorder()
    send(api_of(alice), "one\ntwo\r\nthree\rfour")
    (row,) = record.rows()
    assert not set("\r\n") & set(row.body)

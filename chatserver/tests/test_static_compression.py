"""Static files are compressed for those who accept it, and nothing else is."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

PATH = "/static/chats/app.js"
pytestmark = pytest.mark.django_db
SOURCE = Path(str(finders.find("chats/app.js"))).read_bytes()


def body_of(answer: Any) -> bytes:
    body = b"".join(answer.streaming_content)
    answer.close()
    return body


def ask(path: str = PATH, encoding: str | None = "br, gzip, deflate", **headers: str) -> Any:
    return Client(headers={**({"Accept-Encoding": encoding} if encoding else {}), **headers}).get(path)


def test_a_file_comes_compressed_and_is_the_same() -> None:
    answer = ask()
    body = answer.content
    assert (answer.status_code, answer["Content-Encoding"], answer["Vary"]) == (200, "gzip", "Accept-Encoding")
    assert gzip.decompress(body) == SOURCE
    assert int(answer["Content-Length"]) == len(body) < len(SOURCE)
    assert answer["Content-Type"].startswith("text/javascript")
    assert "max-age" in answer["Cache-Control"]


@pytest.mark.parametrize("encoding", [None, "identity", "br", "gzip;q=0", "gzip; q=0.0, br", "xgzip"])
def test_who_does_not_accept_it_gets_it_as_it_is(encoding: str | None) -> None:
    answer = ask(encoding=encoding)
    assert body_of(answer) == SOURCE
    assert (answer.get("Content-Encoding"), answer["Vary"]) == (None, "Accept-Encoding")


def test_a_known_version_is_not_sent_again() -> None:
    for encoding in ("gzip", "identity"):
        answer = ask(encoding=encoding)
        answer.close()
        version = answer["ETag"]
        assert version.startswith("W/") is (encoding == "gzip")
        assert ask(encoding=encoding, **{"If-None-Match": version}).status_code == 304
    assert ask(**{"If-None-Match": 'W/"another"'}).status_code == 200


def test_a_part_of_a_file_is_a_part_of_the_file() -> None:
    answer = ask(Range="bytes=3-9")
    assert (answer.status_code, answer.get("Content-Encoding")) == (206, None)
    assert body_of(answer) == SOURCE[3:10]


def test_without_a_body_there_is_none() -> None:
    answer = Client().head(PATH, headers={"Accept-Encoding": "gzip"})
    assert (body_of(answer), answer.get("Content-Encoding")) == (b"", None)
    assert ask("/static/chats/none.js").status_code == 404


def test_answers_of_the_api_are_not_compressed(api_of: Any, alice: Any) -> None:
    for path in ("/", "/api/v1/schema/"):
        assert "Content-Encoding" not in ask(path)
    assert "Content-Encoding" not in api_of(alice).get("/api/v1/sync/", headers={"Accept-Encoding": "gzip"})

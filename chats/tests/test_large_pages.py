"""Pages end where they get too large, and go on behind that: whoever follows them gets everything once."""

from collections.abc import Callable
from typing import Any

import pytest

from chats.actions.messages import send_message
from chats.models import MAX_TEXT
from chatserver.events import log
from chatserver.events.sequencer import sequence
from chatserver.http.pagination import MAX_PAGE_BYTES
from rooms.models import Room
from users.models import User

COUNT = 80
# With the envelope of the largest item.
LARGEST_PAGE = MAX_PAGE_BYTES + 20_000


@pytest.fixture
def large(alice: User, closed: Room) -> list[int]:
    """The ids of messages that are as large as possible: 1.3 MB together."""
    return [send_message(alice, closed.pk, "\U0001f600" * MAX_TEXT)[0].pk for _ in range(COUNT)]


def collect(get: Callable[[str], Any], direction: str, key: str) -> list[list[int]]:
    """The ids of each page, from the first on in this direction (`next` by after, `previous` by before)."""
    pages: list[list[int]] = []
    query = "limit=100" + ("&after=0" if direction == "next" else "")
    while query:
        answer = get(query)
        assert len(answer.content) < LARGEST_PAGE
        body = answer.json()
        pages.append([item[key] for item in body["results"]])
        side = "after" if direction == "next" else "before"
        query = f"limit=100&{side}={body[direction]}" if body[direction] is not None else ""
        assert len(pages) < 5
    return pages


def test_a_large_history_comes_in_pages_upwards_and_downwards(
    api_of: Any, bob: User, closed: Room, large: list[int]
) -> None:
    client, url = api_of(bob), f"/api/v1/rooms/{closed.pk}/messages/"

    def get(query: str) -> Any:
        return client.get(f"{url}?{query}")

    forwards = collect(get, "next", "id")
    assert [found for page in forwards for found in page] == large
    backwards = collect(get, "previous", "id")
    assert [found for page in reversed(backwards) for found in page] == large
    assert len(forwards) == len(backwards) == 2
    around = get(f"limit=100&around={large[40]}").json()["results"]
    assert large[40] in [message["id"] for message in around]


def test_large_events_come_in_pages(api_of: Any, bob: User, large: list[int]) -> None:
    while sequence():
        pass
    client, after, seen = api_of(bob), 0, []
    for _ in range(5):
        answer = client.get(f"/api/v1/events/?limit=500&after={after}")
        assert len(answer.content) < LARGEST_PAGE
        seen += [event["data"]["id"] for event in answer.json()["results"] if event["type"] == "message.created"]
        after = answer.json()["next"]
    assert seen == large
    assert after == log.position()

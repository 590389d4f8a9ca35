"""GET /api/v1/events/?all=true: every event of the deployment, for service keys with events:read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from chats.actions.changes import remove_message
from chats.actions.messages import send_message
from chats.tests.test_events_endpoint import settle
from chatserver.events import log, whole_log
from chatserver.tests.harness.answers import assert_problem
from rooms.models import Room
from users.actions.credentials import issue_token
from users.actions.service_keys import find_or_make_service, issue_key
from users.models import User

EVENTS = "/api/v1/events/"


@pytest.fixture
def feed(db: Any) -> Callable[..., Any]:
    """Read the whole log by a key."""
    secret, _ = issue_key(find_or_make_service("shop"), "shop", ["events:read"])

    def read(**query: Any) -> Any:
        return Client().get(EVENTS, {"all": "true", **query}, headers={"Authorization": f"Bearer {secret}"})

    return read


def test_it_has_the_events_of_rooms_and_people_that_the_account_does_not_share(
    feed: Callable[..., Any], alice: User, bob: User, closed: Room
) -> None:
    before = settle()
    log.subscribe("room:999", [alice.pk])
    send_message(alice, closed.pk, "in private")
    log.emit(f"user:{bob.pk}", "read.updated", {"room_id": closed.pk, "user_id": bob.pk, "seq": 1}, room_id=closed.pk)
    log.revoke(alice.pk, "logged_out", credential="token:1")
    end = settle()
    page = feed(after=before).json()
    assert [event["type"] for event in page["results"]] == ["message.created", "read.updated"]
    assert (page["next"], page["reset"]) == (end, None)
    assert feed(after=end).json() == {"results": [], "next": end, "reset": None}
    assert feed(after=end + 1).json()["reset"]["reason"] == "future"


def test_it_takes_three_statements(
    feed: Callable[..., Any], alice: User, closed: Room, django_assert_num_queries: Any
) -> None:
    before = settle()
    with django_assert_num_queries(5):  # and one each for the key and the audit
        feed(after=before)


def test_types_are_chosen_by_name_and_by_pattern(feed: Callable[..., Any], alice: User, closed: Room) -> None:
    before = settle()
    message = send_message(alice, closed.pk, "hai")[0]
    remove_message(message, actor=alice)
    log.emit(
        f"room:{closed.pk}", "read.updated", {"room_id": closed.pk, "user_id": alice.pk, "seq": 1}, room_id=closed.pk
    )
    settle()
    expected = {
        "message.*": ["message.created", "message.deleted"],
        "message.deleted": ["message.deleted"],
        "read.*,message.created": ["message.created", "read.updated"],
        "*": ["message.created", "message.deleted", "read.updated"],
        "room.*": [],
    }
    for types, names in expected.items():
        assert [event["type"] for event in feed(after=before, types=types).json()["results"]] == names


@pytest.mark.parametrize(
    "types", ["", ",", "message", "message.", "message.nothing", "*.created", "mess*", "message.*,", "presence.changed"]
)
def test_what_means_no_stored_type_is_malformed(feed: Callable[..., Any], types: str) -> None:
    assert_problem(feed(types=types), 400, "invalid", "types")


def test_types_go_with_the_whole_log_only(feed: Callable[..., Any]) -> None:
    assert_problem(feed(types="message.*", all="false"), 400, "invalid", "types")
    assert_problem(feed(all="maybe"), 400, "invalid", "all")


def test_a_rare_type_is_found_page_by_page(
    feed: Callable[..., Any], alice: User, closed: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_log, "SCANNED_ROWS", 3)
    before = settle()
    for number in range(5):
        send_message(alice, closed.pk, str(number))
    log.emit(
        f"room:{closed.pk}", "read.updated", {"room_id": closed.pk, "user_id": alice.pk, "seq": 1}, room_id=closed.pk
    )
    end = settle()
    empty = feed(after=before, types="read.updated").json()
    assert (empty["results"], empty["next"]) == ([], before + 3)
    found = feed(after=empty["next"], types="read.updated").json()
    assert ([event["position"] for event in found["results"]], found["next"]) == ([end], end)
    assert feed(after=before, limit=2).json()["next"] == before + 2


def test_what_was_taken_back_is_not_in_it(feed: Callable[..., Any], alice: User, closed: Room) -> None:
    before = settle()
    remove_message(send_message(alice, closed.pk, "a secret")[0], actor=alice)
    settle()
    answer = feed(after=before)
    assert len(answer.json()["results"]) == 2
    assert b"a secret" not in answer.content


def test_others_do_not_get_it(alice: User) -> None:
    shop = find_or_make_service("shop")
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    acting, _ = issue_key(shop, "shop", ["events:read", "act_as"])
    person = User.objects.create_user("bob")
    for headers in (
        {"Authorization": f"Bearer {issue_token(alice)[0]}"},
        {"Authorization": f"Bearer {issue_token(shop)[0]}"},
        {"Authorization": f"Bearer {acting}", "Chat-On-Behalf-Of": str(person.pk)},
    ):
        assert Client().get(EVENTS, headers=headers).status_code == 200
        assert_problem(Client().get(EVENTS, {"all": "true"}, headers=headers), 403, "scope_missing")

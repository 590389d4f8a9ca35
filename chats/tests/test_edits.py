"""Earlier texts of edited messages: for moderators alone, as long as CHAT_EDIT_HISTORY_DAYS says."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chats.actions.changes import edit_message, remove_message, remove_own_message
from chats.actions.edits import forget_old_texts
from chats.actions.messages import send_message
from chats.models import EarlierText, Message
from rooms.models import Room
from users.models import User


@pytest.fixture
def edited(closed: Room, bob: User, settings: Any) -> Message:
    """By bob, twice, in alice's room."""
    settings.CHAT_EDIT_HISTORY_DAYS = 30
    message = Message.objects.get(pk=send_message(bob, closed.pk, "one")[0].pk)
    edit_message(bob, message, "two")
    return edit_message(bob, message, "three")


def texts(api: Any, message: Message, query: str = "") -> list[str]:
    answer = api.get(f"/api/v1/messages/{message.pk}/edits/{query}")
    assert answer.status_code == 200, answer.content
    return [earlier["message"] for earlier in answer.json()["results"]]


def test_moderators_see_what_was_there_before(
    api_of: Any, alice: User, edited: Message, django_assert_num_queries: Any
) -> None:
    api = api_of(alice)
    with django_assert_num_queries(3):
        assert texts(api, edited) == ["one", "two"]
    assert texts(api, edited, "?limit=1") == ["one"]


def test_its_sender_does_not(api_of: Any, bob: User, edited: Message) -> None:
    answer = api_of(bob).get(f"/api/v1/messages/{edited.pk}/edits/")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("by_staff", [True, False])
def test_a_removal_takes_them_along(by_staff: bool, alice: User, bob: User, edited: Message) -> None:
    if by_staff:
        remove_message(edited, actor=alice)
    else:
        remove_own_message(bob, edited)
    assert not EarlierText.objects.exists()


def test_they_are_deleted_when_they_are_old(api_of: Any, alice: User, edited: Message) -> None:
    EarlierText.objects.filter(version=1).update(replaced_at=timezone.now() - timedelta(days=31))
    assert texts(api_of(alice), edited) == ["two"]
    assert forget_old_texts(30) == 1
    assert EarlierText.objects.get().text == "two"


def test_switched_off_nothing_is_kept_and_nothing_shown(
    api_of: Any, alice: User, bob: User, edited: Message, settings: Any
) -> None:
    settings.CHAT_EDIT_HISTORY_DAYS = 0
    edit_message(bob, edited, "four")
    assert EarlierText.objects.count() == 2
    assert texts(api_of(alice), edited) == []
    assert forget_old_texts(0) == 2

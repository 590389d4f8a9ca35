"""`manage.py seed`: the people of the old documents, and data in bulk."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command

from chats.models import Message
from chatserver.events import sequencer
from chatserver.events.models import Subscription
from chatserver.events.subscriptions import subscriptions_of
from chatserver.seeding.demo import try_it
from rooms.models import Membership, Room
from users.models import User


def test_it_makes_the_people_and_rooms_of_the_old_documents_once(db: None) -> None:
    User.objects.filter(username__in=["Adam", "Kyle", "Taylor", "Bob", "Ed"]).delete()
    call_command("seed")
    call_command("seed")
    people = list(User.objects.order_by("pk").values_list("username", flat=True))
    assert people == ["Adam", "Kyle", "Taylor", "Bob", "Ed"]
    assert not any(user.has_usable_password() for user in User.objects.all())
    pairs = Room.objects.filter(kind="direct").values_list("direct_low__username", "direct_high__username")
    assert set(pairs) == {("Adam", "Taylor"), ("Adam", "Kyle")}
    assert Room.objects.get(pk=0).members_count == 5
    assert Message.objects.count() == sum(room.last_seq for room in Room.objects.all()) == 11


@pytest.mark.parametrize("who", ["rooms", "nobody"])
def test_strangers_get_no_talk_and_no_hint_that_would_be_refused(
    db: None, settings: Any, narrow: None, who: str
) -> None:
    settings.CHAT_DIRECT_MESSAGES = who
    call_command("seed")
    assert User.objects.filter(username="Adam").exists()
    assert not Message.objects.exists()
    assert "/stream" in try_it("http://127.0.0.1:8000")
    assert "room_id" not in try_it("http://127.0.0.1:8000")


def test_once_leaves_a_database_with_people_alone(alice: User) -> None:
    call_command("seed", "--once")
    assert list(User.objects.values_list("username", flat=True)) == ["alice"]


def test_bulk_data_is_whole(db: None, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.tsv"
    call_command("seed", "--users", "30", "--rooms", "4", "--messages", "103", "--tokens", str(tokens))
    sequencer.sequence()
    lines = [line.split("\t") for line in tokens.read_text().splitlines()]
    assert len(lines) == 30
    assert tokens.stat().st_mode & 0o077 == 0
    assert all(User.objects.get(pk=user_id).username == name for name, user_id, _ in lines)
    assert not User.objects.get(pk=lines[0][1]).has_usable_password()
    assert Membership.objects.filter(room_id=0).count() == Room.objects.get(pk=0).members_count == 30
    assert Subscription.objects.filter(topic="room:0").count() == 30
    for room in Room.objects.all():
        seqs = list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, room.last_seq + 1))
        members = set(Membership.objects.filter(room=room).values_list("user_id", flat=True))
        assert set(Message.objects.filter(room=room).values_list("sender_id", flat=True)) <= members
        assert room.members_count == len(members)
    assert Message.objects.count() == 103
    assert set(subscriptions_of(int(lines[0][1])).since) >= {"room:0"}


@pytest.mark.parametrize("numbers", [("--rooms", "1"), ("--users", "0"), ("--users", "1", "--messages", "-1")])
def test_impossible_numbers_are_refused(db: None, numbers: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("seed", *numbers)
    assert not User.objects.exists()


def test_the_tokens_work(granian: object) -> None:
    (person,) = granian.people()
    answer = httpx.get(f"{granian.url}/api/v1/users/me/", headers={"Authorization": f"Bearer {person.token}"})
    assert answer.json()["id"] == person.id

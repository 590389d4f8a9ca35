"""`manage.py seed`: the people and rooms of the old documents; with numbers, data to load a service with."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chats.actions import send_message
from chatserver.bulk import BulkLoad
from rooms.actions import open_direct_room
from rooms.models import GENERAL_ID, Room
from users.actions import create_user
from users.models import User

PEOPLE = ("Adam", "Kyle", "Taylor", "Bob", "Ed")
GENERAL_TALK = (
    ("Adam", "Hey everybody, welcome to General."),
    ("Kyle", "Hello! Is this thing live?"),
    ("Taylor", "It is. Open a second window and watch."),
    ("Bob", "Neat. No reload needed?"),
    ("Ed", "None. Pull the plug on the server if you like: the page comes back by itself and misses nothing."),
)
DIRECT_TALK = (
    ("Adam", "Kyle", (("Kyle", "hai"), ("Adam", "Hi Kyle, how is the migration going?"), ("Kyle", "Nearly done."))),
    ("Adam", "Taylor", (("Taylor", "What's up?"), ("Adam", "Hey"), ("Taylor", "Lunch at noon?"))),
)


class Command(BaseCommand):
    help = "Make demo data; with --users, --rooms, --messages: data to load a service with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do nothing where there are people already")
        parser.add_argument("--users", type=int, metavar="N", help="make N users without a password")
        parser.add_argument("--rooms", type=int, default=0, metavar="N")
        parser.add_argument("--messages", type=int, default=0, metavar="N")
        parser.add_argument("--tokens", type=Path, metavar="FILE", help="write username, user id and token of each")

    def handle(
        self, *, once: bool, users: int | None, rooms: int, messages: int, tokens: Path | None, **_: Any
    ) -> None:
        if users is None:
            if rooms or messages or tokens:
                raise CommandError("--rooms, --messages and --tokens need --users")
            if not (once and User.objects.exists()):
                seed_demo()
            return
        if users < 1 or rooms < 0 or messages < 0:
            raise CommandError("numbers must not be negative, and --users must be 1 or more")
        BulkLoad(users=users, rooms=rooms, messages=messages).run(tokens)


def seed_demo() -> None:
    """The five people, General and two direct rooms, with some messages. People who exist are left alone."""
    people = {name: User.objects.get_queryset().named(name).first() or create_user(name) for name in PEOPLE}
    general = Room.objects.get(pk=GENERAL_ID)
    if general.last_seq == 0:
        for name, text in GENERAL_TALK:
            send_message(people[name], general, text)
    for one, other, talk in DIRECT_TALK:
        room, is_new = open_direct_room(people[one], people[other])
        for name, text in talk if is_new else ():
            send_message(people[name], room, text)

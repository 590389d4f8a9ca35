"""`manage.py seed`: the people and rooms of the old systems' documentation; with numbers, data for load tests."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatserver.seeding.demo import seed_demo
from chatserver.seeding.load import BulkLoad
from users.models import User


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

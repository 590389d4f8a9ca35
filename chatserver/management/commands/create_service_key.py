"""`manage.py create_service_key`: a key for a backend, printed once."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatserver.errors import ChatError
from chatserver.http.scopes import RESERVED_SCOPES, SCOPES
from users.actions.service_keys import MAX_KEY_DAYS, find_or_make_service, issue_key
from users.models import MAX_KEY_NAME
from users.usernames import check_username


class Command(BaseCommand):
    help = "Make a key of a service account, and the account if there is none of that name. Prints the key, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, metavar="NAME", help="the service account's username")
        parser.add_argument(
            "--scope",
            required=True,
            action="append",
            choices=SCOPES,
            metavar="SCOPE",
            dest="scopes",
            help=f"may be given several times: {', '.join(SCOPES)}. Reserved, and opening nothing "
            f"of their own yet: {', '.join(RESERVED_SCOPES)}",
        )
        parser.add_argument("--expires-days", type=int, metavar="N", help="without it the key is valid until revoked")

    def handle(self, *, name: str, scopes: list[str], expires_days: int | None, **_: Any) -> None:
        if expires_days is not None and not 1 <= expires_days <= MAX_KEY_DAYS:
            raise CommandError(f"--expires-days must be from 1 to {MAX_KEY_DAYS}")
        try:
            check_username(name)
            secret, _key = issue_key(find_or_make_service(name), name[:MAX_KEY_NAME], scopes, expires_days=expires_days)
        except ValidationError as error:
            raise CommandError(error.message) from error
        except ChatError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(secret)

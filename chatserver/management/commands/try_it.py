"""What to try after the start, with a token that works."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from users.actions import issue_token
from users.models import User

TEXT = """
  ChatServer runs. Try it:

    the page           {url}/
    a live stream      curl -N -H "Authorization: Bearer {token}" {url}/api/v1/stream
    and a message      curl -H "Authorization: Bearer {token}" -H "Content-Type: application/json" \\
                            -d '{{"room_id":0,"message":"hello"}}' {url}/api/v1/chats/
    the API            {url}/api/v1/docs/
    moderation         {url}/admin/   (make an account: .venv/bin/python manage.py createsuperuser)
"""


class Command(BaseCommand):
    help = "Print commands to try against a running server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url")

    def handle(self, *, url: str, **_: Any) -> None:
        adam = User.objects.get_queryset().named("Adam").first()
        if adam is not None:
            token, _token = issue_token(adam)
            self.stdout.write(TEXT.format(url=url, token=token))

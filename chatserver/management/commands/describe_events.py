"""`manage.py describe_events`: write the tables of docs/api.md and the client's types anew, from the catalogue."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatserver.events.javascript import client_types
from chatserver.events.tables import with_tables


class Command(BaseCommand):
    help = "Write the tables of events in docs/api.md, and the types of the JavaScript client, anew."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        page = settings.BASE_DIR / "docs" / "api.md"
        page.write_text(with_tables(page.read_text()))
        (settings.BASE_DIR / "clients" / "js" / "src" / "schema.js").write_text(client_types())

"""`manage.py describe_events`: write the tables of events in docs/api.md anew, from the catalogue."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatserver.events.tables import with_tables


class Command(BaseCommand):
    help = "Write the tables of events in docs/api.md anew."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        page = settings.BASE_DIR / "docs" / "api.md"
        page.write_text(with_tables(page.read_text()))

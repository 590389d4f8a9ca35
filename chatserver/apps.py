from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate


class ChatServerConfig(AppConfig):
    name = "chatserver"

    def ready(self) -> None:
        from chatserver.config import checks  # noqa: F401 - registers the system checks
        from chatserver.storage.postgres.base import bound_migration_locks
        from chatserver.storage.sql_functions import install_functions

        # Every app sends these signals; one of them is enough.
        events = apps.get_app_config("events")
        pre_migrate.connect(bound_migration_locks, sender=events)
        post_migrate.connect(install_functions, sender=events)

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ChatServerConfig(AppConfig):
    name = "chatserver"

    def ready(self) -> None:
        from chatserver.config import checks  # noqa: F401 - registers the system checks
        from chatserver.storage.sql_functions import install_functions

        # Every app sends this signal after the migrations; one of them is enough.
        post_migrate.connect(install_functions, sender=apps.get_app_config("events"))

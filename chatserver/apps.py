from django.apps import AppConfig


class ChatServerConfig(AppConfig):
    name = "chatserver"

    def ready(self) -> None:
        from chatserver.config import checks  # noqa: F401 - registers the system checks

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        from users import events, openapi  # noqa: F401 - they register event types and security schemes

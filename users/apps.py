from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        from users import events, openapi, sign_in  # noqa: F401 - they register event types, security schemes, a receiver

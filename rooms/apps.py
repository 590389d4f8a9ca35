from django.apps import AppConfig


class RoomsConfig(AppConfig):
    name = "rooms"

    def ready(self) -> None:
        from rooms import events  # noqa: F401 - registers the event types
        from rooms.exclusions import note_exclusion
        from users.actions import on_exclusion

        on_exclusion.append(note_exclusion)

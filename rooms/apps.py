from django.apps import AppConfig


class RoomsConfig(AppConfig):
    name = "rooms"

    def ready(self) -> None:
        from rooms import events  # noqa: F401 - registers the event types
        from rooms.actions import leave_all_rooms
        from users.actions import before_deletion

        before_deletion.append(leave_all_rooms)

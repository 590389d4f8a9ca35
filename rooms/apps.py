from django.apps import AppConfig


class RoomsConfig(AppConfig):
    name = "rooms"

    def ready(self) -> None:
        from rooms.actions import leave_all_rooms
        from users.actions import farewells

        farewells.append(leave_all_rooms)

from django.apps import AppConfig


class RoomsConfig(AppConfig):
    name = "rooms"

    def ready(self) -> None:
        from rooms import events  # noqa: F401 - registers the event types
        from rooms.access import acquaintances
        from rooms.announcements import note_announcements
        from rooms.exclusions import note_exclusion
        from rooms.host_actions import enter_claimed_rooms
        from users import directory
        from users.actions import on_exclusion
        from users.announcements import on_profiles_changed
        from users.external_people import on_rooms_claim

        directory.acquaintances = acquaintances
        on_exclusion.append(note_exclusion)
        on_profiles_changed.append(note_announcements)
        on_rooms_claim.append(enter_claimed_rooms)

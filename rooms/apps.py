from django.apps import AppConfig


class RoomsConfig(AppConfig):
    name = "rooms"

    def ready(self) -> None:
        from rooms import events  # noqa: F401 - registers the event types
        from rooms.access.members import acquaintances
        from rooms.actions.announcements import note_announcements
        from rooms.actions.exclusions import note_exclusion
        from rooms.actions.external_rooms import enter_claimed_rooms
        from users.access import directory
        from users.actions.announcements import on_profiles_changed
        from users.actions.external_people import on_rooms_claim
        from users.actions.people import on_exclusion

        directory.acquaintances = acquaintances
        on_exclusion.append(note_exclusion)
        on_profiles_changed.append(note_announcements)
        on_rooms_claim.append(enter_claimed_rooms)

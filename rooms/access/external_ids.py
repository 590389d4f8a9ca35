"""External ids of rooms: what the host product calls them. Opaque: compared code point by code point, as written."""

from collections.abc import Sequence

from chatserver.errors import Invalid, NotFound
from users.access.external_people import find_people
from users.models import check_external_id, host_issuer


def check_external_room_id(text: str) -> str:
    """The id itself. Invalid, also with a slash at its end: a path may have one there or not, so it would be two."""
    if text.endswith("/"):
        raise Invalid("An external id of a room has no slash at its end.", field="external_id")
    return check_external_id(text)


def member_ids_of(members: Sequence[int | str]) -> list[int]:
    """The ids of people who are named by them, or by the subject of their JWTs. NotFound for a subject of nobody."""
    subjects = {member for member in members if isinstance(member, str)}
    found = find_people(host_issuer(), subjects) if subjects else {}
    missing = subjects - found.keys()
    if missing:
        detail = f"There is nobody with the external id {min(missing)}."
        raise NotFound(detail, code="user_not_found", field="members")
    return [found[member].user_id if isinstance(member, str) else member for member in members]

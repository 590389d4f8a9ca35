"""External ids of rooms: what the host product calls them. Opaque: compared code point by code point, as written."""

from collections.abc import Sequence

from chatserver.errors import Invalid, NotFound
from rooms.models import MAX_EXTERNAL_ID
from users.external_identities import host_issuer, is_subject
from users.external_people import find_people


def check_external_id(text: str) -> str:
    """The id itself. Invalid where it is empty, too long, has what nobody sees, or has a space or a slash at its end.

    A path may end with a slash or not, so an id with one there would be two.
    """
    if not is_subject(text) or text.endswith("/"):
        raise Invalid(
            f"An external id has 1 to {MAX_EXTERNAL_ID} characters that can be seen, and no space or slash at its end.",
            field="external_id",
        )
    return text


def ids_of(members: Sequence[int | str]) -> list[int]:
    """The ids of people who are named by them, or by the subject of their JWTs. NotFound for a subject of nobody."""
    subjects = {member for member in members if isinstance(member, str)}
    found = find_people(host_issuer(), subjects) if subjects else {}
    missing = subjects - found.keys()
    if missing:
        detail = f"There is nobody with the external id {min(missing)}."
        raise NotFound(detail, code="user_not_found", field="members")
    return [found[member].user_id if isinstance(member, str) else member for member in members]

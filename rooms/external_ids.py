"""External ids of rooms: what the host product calls them. Opaque: compared code point by code point, as written."""

from chatserver.errors import Invalid
from rooms.models import MAX_EXTERNAL_ID


def check_external_id(text: str) -> str:
    """The id itself. Invalid where it is empty, too long, has what nobody sees, or has a space or a slash at its end.

    A path may end with a slash or not, so an id with one there would be two.
    """
    is_bounded = 0 < len(text) <= MAX_EXTERNAL_ID
    if not is_bounded or not text.isprintable() or text != text.strip() or text.endswith("/"):
        raise Invalid(
            f"An external id has 1 to {MAX_EXTERNAL_ID} characters that can be seen, and no space or slash at its end.",
            field="external_id",
        )
    return text

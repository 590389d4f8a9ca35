"""Which rooms a person may see. Every look-up starts from the person; what is not theirs is NotFound."""

from django.db.models import QuerySet

from chatserver.errors import Conflict, Forbidden, NotFound
from chatserver.http.pagination import Cursor
from chatserver.storage.rows import one_or_none
from rooms.models import Kind, Membership, Room, RoomRequest
from rooms.records import SeenRoom
from users.models import User

# Written as SQL: Django takes longer to compose this query than PostgreSQL takes to answer it.
ROOM_OF = (
    "SELECT r.* FROM rooms_membership m JOIN rooms_room r ON r.id = m.room_id WHERE m.user_id = %s AND m.room_id = %s"
)


def open_rooms() -> QuerySet[Room]:
    """Rooms that anybody may see and join."""
    return Room.objects.filter(kind=Kind.OPEN, archived_at=None)


def memberships_of(user: User) -> QuerySet[Membership]:
    """The person's memberships with their rooms and, for direct rooms, both people."""
    return Membership.objects.filter(user=user).select_related("room", "room__direct_low", "room__direct_high")


def membership_for(user: User, room_id: int) -> Membership:
    """The person's membership in a room, with the room.

    NotFound if the room does not exist or is not theirs; Forbidden if they see it (it is open) but are not in.
    """
    found = one_or_none(memberships_of(user).filter(room_id=room_id))
    if found is None:
        raise outsider_error(room_id)
    return found


def room_for(user: User, room_id: int) -> Room:
    """A room that the person is in. Cheaper than membership_for(), with the same errors."""
    found = list(Room.objects.raw(ROOM_OF, [user.pk, room_id]))
    if not found:
        raise outsider_error(room_id)
    return found[0]


def find_direct_room(one: User, other: User) -> Room | None:
    """The direct room of two people, if there is one."""
    low, high = sorted((one.pk, other.pk))
    return one_or_none(Room.objects.filter(direct_low=low, direct_high=high))


def room_of_request(creator: User, client_room_id: str, content_hash: bytes) -> Room | None:
    """The room that this request created before; Conflict where it was another request with the same id."""
    found = one_or_none(
        RoomRequest.objects.filter(creator=creator, client_room_id=client_room_id).select_related("room")
    )
    if found is None:
        return None
    if bytes(found.content_hash) != content_hash:
        raise Conflict("This client_room_id was used for another room.", code="client_room_id_used")
    return found.room


def direct_membership(user: User, pair: list[int]) -> Membership:
    """The person's membership in the direct room of these two, of whom they are one; NotFound otherwise."""
    if len(pair) != 2 or user.pk not in pair:
        raise NotFound("There is no such room.")
    found = one_or_none(memberships_of(user).filter(room__direct_low=min(pair), room__direct_high=max(pair)))
    if found is None:
        raise NotFound("There is no such room.")
    return found


def outsider_error(room_id: int) -> Forbidden | NotFound:
    """The error for somebody who is not in a room: Forbidden if it is open, else NotFound."""
    if open_rooms().filter(pk=room_id).exists():
        return Forbidden("Join this room first.", code="not_a_member")
    return NotFound("There is no such room.")


def visible_room(user: User, room_id: int) -> tuple[Room, Membership | None]:
    """A room with the person's membership, or an open one that they could join with None. NotFound otherwise."""
    return _visible(user, pk=room_id)


def _visible(user: User, **key: object) -> tuple[Room, Membership | None]:
    found = one_or_none(memberships_of(user).filter(**{f"room__{column}": key[column] for column in key}))
    if found is not None:
        return found.room, found
    room = one_or_none(open_rooms().filter(**key))
    if room is None:
        raise NotFound("There is no such room.")
    return room, None


def seen_room(user: User, **key: object) -> SeenRoom:
    """A visible room, by its `pk` or another column, as the person sees it."""
    return _seen(*_visible(user, **key))


def _seen(room: Room, member: Membership | None) -> SeenRoom:
    if member is None:
        return SeenRoom(None, None, None, None, None, room.record)
    marker = member.read_seq, member.read_main_seq
    return SeenRoom(member.role, member.visible_from_seq, *marker, member.settings_record, room.record)


def room_called(user: User, external_id: str, *, sees_all: bool) -> SeenRoom:
    """The room with this external id as the person sees it; with `sees_all` also where it is not theirs. NotFound."""
    if not sees_all:
        return seen_room(user, external_id=external_id)
    room = one_or_none(Room.objects.filter(external_id=external_id))
    if room is None:
        raise NotFound("There is no such room.")
    member = one_or_none(Membership.objects.filter(room=room, user=user))
    return _seen(room, member)


def joinable_rooms(user: User, cursor: Cursor) -> list[SeenRoom]:
    """Up to limit + 1 open rooms that the person is not in, by id."""
    rooms = cursor.slice(open_rooms().exclude(memberships__user=user), "pk")
    return [_seen(room, None) for room in rooms]

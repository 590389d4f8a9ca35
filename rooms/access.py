"""Which rooms a person may see. Every look-up starts from the person; what is not theirs is NotFound."""

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from chatserver.errors import Conflict, Forbidden, NotFound
from chatserver.http.pagination import Cursor
from chatserver.storage.rows import one_or_none
from rooms.block import Block
from rooms.join_request import JoinRequest
from rooms.models import GENERAL_ID, Kind, Membership, Room, RoomRequest
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


def acquaintances(user: User) -> QuerySet[Any]:
    """The ids of the people with whom a person shares a room."""
    return Membership.objects.filter(room__in=Membership.objects.filter(user=user).values("room")).values("user_id")


def check_may_create_rooms(user: User) -> None:
    """Forbidden where CHAT_ROOM_CREATION leaves it to services, unless they are one, or staff."""
    if settings.CHAT_ROOM_CREATION == "services" and not user.is_trusted:
        raise Forbidden("Rooms are made by the service here.", code="room_creation_closed")


def check_may_address(user: User, other: User) -> None:
    """Forbidden where CHAT_DIRECT_MESSAGES keeps them from opening a direct room. General makes nobody acquainted."""
    if settings.CHAT_DIRECT_MESSAGES == "anybody" or user.is_trusted:
        return
    shared = acquaintances(user).exclude(room=GENERAL_ID).filter(user_id=other.pk)
    if settings.CHAT_DIRECT_MESSAGES == "nobody" or not shared.exists():
        raise direct_messages_closed()


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


def takes_requests(room: Room) -> bool:
    """Whether people may ask to join."""
    return room.kind == Kind.CLOSED and room.join_requests and room.archived_at is None


def room_to_ask_for(room_id: int) -> Room:
    """A room that takes requests to join, which one does not see otherwise. NotFound."""
    room = one_or_none(Room.objects.filter(pk=room_id))
    if room is None or not takes_requests(room):
        raise NotFound("There is no such room.")
    return room


def room_asked_for(user: User, room_id: int) -> Room:
    """A room that a person asks for, also where it takes no further requests; else as room_to_ask_for()."""
    asked = one_or_none(JoinRequest.objects.filter(room=room_id, user=user).select_related("room"))
    return room_to_ask_for(room_id) if asked is None else asked.room


def join_requests_page(user: User, room_id: int, cursor: Cursor) -> list[JoinRequest]:
    """Up to limit + 1 requests to join a room, by user id. Forbidden except for its owners and moderators."""
    mine = membership_for(user, room_id)
    if not mine.may_moderate:
        raise Forbidden("Only its owners and moderators see who asks for a room.")
    requests = JoinRequest.objects.filter(room=room_id, user__is_active=True).select_related("user")
    return cursor.slice(requests, "user_id")


def are_blocked(one: User, other: User) -> bool:
    """Whether one of these two blocks the other."""
    pairs = Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)
    return Block.objects.filter(pairs).exists()


def blocked_ids(user: User) -> list[int]:
    """The ids of all whom the person blocks; at most MAX_BLOCKS."""
    return list(Block.objects.filter(blocker=user).order_by("blocked").values_list("blocked", flat=True))


def blocks_page(user: User, cursor: Cursor) -> list[Block]:
    """Up to limit + 1 of those whom a person blocks, by user id."""
    return cursor.slice(Block.objects.filter(blocker=user).select_related("blocked"), "blocked_id")


def block_of(user: User, blocked_id: int) -> Block | None:
    """A person's block of somebody, if there is one."""
    return one_or_none(Block.objects.filter(blocker=user, blocked=blocked_id).select_related("blocked"))


def check_open(room: Room) -> None:
    """Forbidden where nobody writes any more: the room is archived, or one of its two people blocks the other."""
    if room.archived_at is not None:
        raise Forbidden("This room is archived.", code="room_archived")
    if room.is_blocked:
        raise direct_messages_closed()


def direct_messages_closed() -> Forbidden:
    """The same for a block as for CHAT_DIRECT_MESSAGES: who is blocked learns no more than they must."""
    return Forbidden("You may not send direct messages to this person.", code="direct_messages_closed")


def posting_restricted() -> Forbidden:
    return Forbidden("Only moderators write in this room.", code="posting_restricted")


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


def members_of(room: Room) -> QuerySet[Membership]:
    """The members of a room. Deleted people are in direct rooms only, whose two people stay."""
    members = Membership.objects.filter(room=room).select_related("user")
    return members if room.is_direct else members.filter(user__deleted_at=None)


def members_page(room: Room, cursor: Cursor) -> list[Membership]:
    """Up to limit + 1 members of a room, by user id."""
    return cursor.slice(members_of(room), "user_id")


def member_of(room: Room, user_id: int) -> Membership:
    """A user's membership in a room that the caller is in, or NotFound."""
    found = one_or_none(members_of(room).filter(user_id=user_id))
    if found is None:
        raise NotFound("There is no such member.")
    return found

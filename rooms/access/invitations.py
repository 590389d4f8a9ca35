"""Which invitations a person may see, accept and end."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from chatserver.errors import Forbidden, NotFound
from chatserver.http.pagination import Cursor
from chatserver.http.parameters import LARGEST_ID, as_whole_number
from chatserver.storage.rows import one_or_none
from rooms.access.rooms import membership_for
from rooms.models import Invitation, Kind, Membership, Role, Room
from users.models import User, hash_secret

CODE_PREFIX = "ci_"


def invitation_not_found() -> NotFound:
    return NotFound("There is no such invitation.", code="invitation_not_found")


def adders() -> QuerySet[Membership]:
    """The memberships of those who may add people: owners and moderators, and every member of an open room."""
    return Membership.objects.filter(Q(room__kind=Kind.OPEN) | ~Q(role=Role.MEMBER), user__is_active=True)


def may_add(user_id: int, room: Room) -> bool:
    """Whether somebody may add people to a room."""
    return adders().filter(room=room, user=user_id).exists()


def valid_invitations() -> QuerySet[Invitation]:
    """The open invitations whose inviter may still add people."""
    inviters = adders().filter(room=OuterRef("room"), user=OuterRef("inviter"))
    return Invitation.objects.open().filter(Exists(inviters))


def invitations_of(user: User, cursor: Cursor) -> list[Invitation]:
    """Up to limit + 1 of a person's own invitations, by id."""
    return cursor.slice(_to(user), "pk")


def first_invitations(user: User, limit: int) -> list[Invitation]:
    """A person's first invitations."""
    return list(_to(user).order_by("pk")[:limit])


def invitations_to(user: User, room_id: int, cursor: Cursor) -> list[Invitation]:
    """The same of a room. Forbidden for those who may not invite people there."""
    room = membership_for(user, room_id).room
    if not may_add(user.pk, room):
        raise Forbidden("Only its owners and moderators see the invitations to a closed room.")
    return cursor.slice(_shown().filter(room=room), "pk")


def invitation_called(user: User, key: str) -> Invitation:
    """An invitation that this person may accept: by the code of a link, or by id where it is theirs. NotFound."""
    mine = Q(code_hash=hash_secret(key)) if key.startswith(CODE_PREFIX) else Q(pk=_id_in(key), user=user)
    found = one_or_none(_shown().filter(mine))
    if found is None:
        raise invitation_not_found()
    return found


def invitation_to_end(user: User, key: str) -> Invitation:
    """An invitation to or by this person, or to a room that they moderate. NotFound."""
    moderated = Membership.objects.filter(user=user).exclude(role=Role.MEMBER).values("room")
    theirs = Q(user=user) | Q(inviter=user) | Q(room__in=moderated)
    found = one_or_none(_shown().filter(theirs, pk=_id_in(key)))
    if found is None:
        raise invitation_not_found()
    return found


def _id_in(key: str) -> int:
    number = as_whole_number(key)
    if number is None or number > LARGEST_ID:
        raise invitation_not_found()
    return number


def _to(user: User) -> QuerySet[Invitation]:
    return _shown().filter(user=user)


def _shown() -> QuerySet[Invitation]:
    return valid_invitations().select_related("room", "inviter")

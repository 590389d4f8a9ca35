"""The valid tokens and sessions of a person, as one list in the order of their ids."""

from django.db.models import QuerySet
from django.utils import timezone

from chatserver.errors import NotFound
from chatserver.http.pagination import Cursor
from chatserver.storage.rows import one_or_none
from users.models import Token, User, UserSession

Credential = Token | UserSession


def tokens_of(user: User) -> QuerySet[Token]:
    """The person's valid tokens."""
    return Token.objects.filter(user=user, expires_at__gt=timezone.now())


def sessions_of(user: User) -> QuerySet[UserSession]:
    """The person's valid sessions."""
    return UserSession.objects.filter(user=user, session__expire_date__gt=timezone.now()).select_related("session")


def credentials_page(user: User, cursor: Cursor) -> list[Credential]:
    """Up to limit + 1 of the person's valid tokens and sessions by id after (or before) the cursor."""
    found: list[Credential] = [*cursor.slice(tokens_of(user), "pk"), *cursor.slice(sessions_of(user), "pk")]
    return sorted(found, key=lambda one: one.pk, reverse=cursor.side == "before")[: cursor.limit + 1]


def credential_of(user: User, credential_id: int) -> Credential:
    """A valid token or session of the person, or NotFound."""
    of_a_token, of_a_session = tokens_of(user).filter(pk=credential_id), sessions_of(user).filter(pk=credential_id)
    found = one_or_none(of_a_token) or one_or_none(of_a_session)
    if found is None:
        raise NotFound("You have no such token or session.")
    return found


def credential_named(name: str) -> Credential | None:
    """What a name such as "token:7" stands for; None where it has ended, or is not listed."""
    return Token.of_credential(name) or one_or_none(UserSession.objects.filter(credential=name))

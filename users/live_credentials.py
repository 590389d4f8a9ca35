"""The tokens and sessions of a person, as one list in the order of their ids: what is in it can be ended one by one.

A person has at most MAX_CREDENTIALS of them; one more ends the oldest. To refuse the new one instead would let anybody
who once had the password lock its owner out.
"""

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import CharField, QuerySet, Value
from django.utils import timezone

from chatserver.errors import NotFound
from chatserver.events import log
from chatserver.http.pagination import Cursor
from chatserver.storage.rows import one_or_none
from users.models import Ticket, Token, User, UserSession, key_credential, session_credential

MAX_CREDENTIALS = 100
# Those who had more before there was a limit lose them in several steps.
MAX_ENDED_AT_ONCE = 100
NOTE_SESSION = (
    "INSERT INTO users_usersession (id, user_id, session_id, credential, created_at) "
    "VALUES (nextval('users_token_id_seq'), %s, %s, %s, %s) ON CONFLICT (session_id) DO UPDATE "
    "SET id = excluded.id, user_id = excluded.user_id, created_at = excluded.created_at, last_used_at = NULL"
)

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


def named(name: str) -> Credential | None:
    """What a name such as "token:7" stands for; None where it has ended, or is not listed."""
    return Token.of_credential(name) or one_or_none(UserSession.objects.filter(credential=name))


@transaction.atomic
def revoke(credential: Credential) -> None:
    """End a token or a session, its tickets, and the streams that it opened."""
    User.objects.select_for_update(no_key=True).get(pk=credential.user_id)  # see locking.lock_person()
    _end(credential)


def _end(credential: Credential) -> None:
    name, user_id = credential.credential, credential.user_id
    if isinstance(credential, Token):
        credential.delete()
    else:
        Ticket.objects.filter(session_key=credential.session_id).delete()
        Session.objects.filter(pk=credential.session_id).delete()
    log.revoke(user_id, "logged_out", credential=name)


def end_oldest(user: User) -> None:
    """End what a person has beyond MAX_CREDENTIALS. The caller holds the lock of their row."""
    kinds = [
        rows.order_by().annotate(of=Value(kind, CharField())).values_list("of", "pk")
        for kind, rows in (("token", tokens_of(user)), ("session", sessions_of(user)))
    ]
    newest_first = kinds[0].union(kinds[1], all=True).order_by("-pk")
    excess = list(newest_first[MAX_CREDENTIALS : MAX_CREDENTIALS + MAX_ENDED_AT_ONCE])
    for token in Token.objects.filter(pk__in=[pk for kind, pk in excess if kind == "token"]).order_by("pk"):
        _end(token)
    for session in UserSession.objects.filter(pk__in=[pk for kind, pk in excess if kind == "session"]).order_by("pk"):
        _end(session)


@transaction.atomic
def note_session(user: User, session_key: str) -> None:
    """Note that a person has signed in with a session, which is saved already."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    with connection.cursor() as cursor:
        cursor.execute(NOTE_SESSION, [user.pk, session_key, session_credential(session_key), timezone.now()])
    end_oldest(user)


def end_streams_of_keys(user: User) -> None:
    """End the streams that service keys have opened for this person, or by keys of this account: its rights changed."""
    log.revoke(user.pk, "logged_out", credential=key_credential(""))


def end_all(user: User) -> None:
    """End all tokens, JWTs, tickets, sessions and service keys of an account.

    The caller holds the lock of its row, and ends the streams.

    Sessions that are not listed end by the salt, see User.get_session_auth_hash().
    """
    user.tokens.all().delete()
    user.tickets.all().delete()
    user.external_identities.update(revoked_at=timezone.now())
    user.service_keys.live().update(revoked_at=timezone.now())
    keys = list(user.sessions.values_list("session_id", flat=True))
    Session.objects.filter(pk__in=keys).delete()

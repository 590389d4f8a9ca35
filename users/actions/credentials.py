"""Tokens and sessions are listed, and end.

A person has at most MAX_CREDENTIALS of them; one more ends the oldest. To refuse the new one instead would let anybody
who once had the password lock its owner out.
"""

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import CharField, Value
from django.utils import timezone

from chatserver.events import log
from users.access.credentials import Credential, sessions_of, tokens_of
from users.models import Ticket, Token, User, UserSession, key_credential, session_credential

MAX_CREDENTIALS = 100
# Those who had more before there was a limit lose them in several steps.
MAX_ENDED_AT_ONCE = 100
NOTE_SESSION = (
    "INSERT INTO users_usersession (id, user_id, session_id, credential, created_at) "
    "VALUES (nextval('users_token_id_seq'), %s, %s, %s, %s) ON CONFLICT (session_id) DO UPDATE "
    "SET id = excluded.id, user_id = excluded.user_id, created_at = excluded.created_at, last_used_at = NULL"
)


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

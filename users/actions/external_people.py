"""People of a host product, made when they are first seen: by a JWT of theirs, or by the product's backend.

They are known by issuer and subject alone. Somebody who has the same username or e-mail address is somebody else.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q

from users.access.external_people import find_people
from users.access.names import free_among, is_reserved
from users.actions import announcements
from users.actions import people as user_actions  # a module: DRF imports this one in the middle of that one
from users.email_addresses import normal_address
from users.locking import lock_person
from users.models import ExternalIdentity, User
from users.usernames import check_username, columns_of, normal_username

NEW_IDS = "SELECT nextval('users_user_id_seq') FROM generate_series(1, %s)"
# The people come after it: the key to them is checked at the commit. So two who make the same person wait here, and
# the second one makes nobody.
ADD_IDENTITIES = (
    "INSERT INTO users_externalidentity (user_id, issuer, subject, claims_at, created_at) "
    "SELECT new.user_id, %s, new.subject, new.claims_at, now() "
    "FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS new(user_id, subject, claims_at) "
    "ON CONFLICT (issuer, subject) DO NOTHING RETURNING user_id"
)
# What is named by an id. A subject that looks so would take another one's name.
NUMBERED = "user-{}"
NUMBERED_NAME = re.compile(NUMBERED.format(r"\d+"), re.I)
# What the apps above do with the claim `rooms`, not validated, of a JWT that was just verified: (person, claim). Called
# outside of a transaction, perhaps by several requests at once, and again for the same token half a minute later.
on_rooms_claim: list[Callable[[User, Any], None]] = []


class ExternalPerson(NamedTuple):
    """Whom to find or make, with the profile of somebody new. `claims_at` is when the token was issued that says so."""

    subject: str
    display_name: str = ""
    avatar_url: str = ""
    email: str = ""
    claims_at: datetime | None = None


class KnownPerson(NamedTuple):
    identity: ExternalIdentity
    is_new: bool


@transaction.atomic
def find_or_make_people(issuer: str, people: Sequence[ExternalPerson]) -> dict[str, KnownPerson]:
    """All of these, by subject. A dozen statements, however many they are, and one where everybody is there.

    `people` have distinct subjects. Those who are there stay as they are; some may be banned or deleted.
    """
    found = find_people(issuer, (person.subject for person in people))
    # In one order, so that no two who make the same people wait for each other.
    missing = sorted((person for person in people if person.subject not in found), key=lambda person: person.subject)
    made = _make(issuer, missing)
    if missing:
        found |= find_people(issuer, (person.subject for person in missing))
    return {subject: KnownPerson(identity, identity.user_id in made) for subject, identity in found.items()}


def update_from_claims(identity: ExternalIdentity, profile: dict[str, str], claims_at: datetime | None) -> None:
    """Give a person the profile that a token says, unless a newer token said another one.

    `claims_at` is when it was issued; None is older than any. Unauthorized where the person's rights have just ended.
    """
    known_at, user = identity.claims_at, identity.user
    is_older = known_at is not None and (claims_at is None or claims_at < known_at)
    is_same = all(getattr(user, column) == text for column, text in profile.items())
    if not profile or is_older or (is_same and known_at == claims_at):
        return
    with transaction.atomic():
        user = lock_person(user)
        may_apply = Q(claims_at=None) if claims_at is None else Q(claims_at=None) | Q(claims_at__lte=claims_at)
        if ExternalIdentity.objects.filter(may_apply, pk=identity.pk).update(claims_at=claims_at):
            changes = {column: text for column, text in profile.items() if getattr(user, column) != text}
            user_actions.update_profile(user, changes)


def _make(issuer: str, people: Sequence[ExternalPerson]) -> set[int]:
    """Make those whom nobody else has made meanwhile. Returns their ids."""
    if not people:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(NEW_IDS, [len(people)])
        by_id = dict(zip((user_id for (user_id,) in cursor.fetchall()), people, strict=True))
        columns = [person.subject for person in people], [person.claims_at for person in people]
        cursor.execute(ADD_IDENTITIES, [issuer, list(by_id), *columns])
        added = {user_id for (user_id,) in cursor.fetchall()}
    announcements.tell_created(
        _create_users({user_id: person for user_id, person in by_id.items() if user_id in added})
    )
    return added


def _create_users(people: dict[int, ExternalPerson]) -> list[User]:
    """Users of these ids: each named by the subject, where that is a free name, else by the id."""
    wanted = {user_id: _name_of(person.subject) for user_id, person in people.items()}
    numbered = {user_id: NUMBERED.format(user_id) for user_id in people}
    free = free_among([*filter(None, wanted.values()), *numbered.values()])
    users = []
    for user_id, person in people.items():
        user = User(pk=user_id, display_name=person.display_name, avatar_url=person.avatar_url)
        user.email, user.password = normal_address(person.email), make_password(None)
        choices = (wanted[user_id], numbered[user_id])
        _rename(user, next((name for name in choices if name in free), None) or _random_name(user_id))
        users.append(user)
    # A name that was free may have been taken meanwhile.
    User.objects.bulk_create(sorted(users, key=lambda user: user.folded_username), ignore_conflicts=True)
    added = set(User.objects.filter(pk__in=people).values_list("pk", flat=True))
    left = [user for user in users if user.pk not in added]
    for user in left:
        _rename(user, _random_name(user.pk))
    User.objects.bulk_create(left)
    return users


def _name_of(subject: str) -> str | None:
    """The username that a subject gives; None where it is not valid, or nobody may choose it."""
    name = normal_username(subject)
    if name is None or is_reserved(name) or NUMBERED_NAME.fullmatch(name):
        return None
    try:
        check_username(name)
    except ValidationError:
        return None
    return name


def _random_name(user_id: int) -> str:
    return f"{NUMBERED.format(user_id)}-{secrets.token_hex(4)}"


def _rename(user: User, name: str) -> None:
    user.username = name
    for column, value in columns_of(name).items():
        setattr(user, column, value)

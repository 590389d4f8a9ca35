"""People are registered, changed, banned and deleted. What they sign in with: users/actions/credentials.py."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.utils import timezone

from chatserver.errors import Conflict, Forbidden
from chatserver.events import log
from chatserver.events.redaction import redact_person
from users.access.names import check_name_is_free, check_not_reserved, name_taken
from users.actions.announcements import tell_created, tell_updated
from users.actions.credentials import end_credentials, end_listed_credentials
from users.email_addresses import normal_address
from users.locking import lock_person, lock_to_change, lock_to_delete, right_ended
from users.models import ExternalIdentity, HeldName, User, erased_subject
from users.presence_changes import note_changes
from users.serializers.people import shown_person
from users.usernames import columns_of

# What the apps above do when a person is banned or deleted: called in the same transaction. They lock no rooms in it.
on_exclusion: list[Callable[[User], None]] = []


def register_user(username: str, email: str, password: str, *, by: User | AnonymousUser) -> User:
    """Create a user. Conflict if the name is taken or reserved, Forbidden if registration is closed to this caller."""
    is_invited = by.is_authenticated and by.is_trusted
    if not settings.CHAT_OPEN_REGISTRATION and not is_invited:
        raise Forbidden("Registration is closed here.", code="registration_closed")
    check_not_reserved(username)
    return create_user(username, email=email, password=password)


def create_user(username: str, *, email: str = "", password: str | None = None) -> User:
    """Create a user, without a password if none is given. Conflict if the name is taken, or looks like another's."""
    with _taking_name(username):
        user = User.objects.create_user(username, email, password)
        tell_created([user])
    return user


@contextmanager
def _taking_name(username: str, user_id: int = 0) -> Iterator[None]:
    """Create a user, or rename one, in here. Conflict if another one has this name, or one that looks the same."""
    check_name_is_free(username, user_id)
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise name_taken() from error


@transaction.atomic
def update_profile(user: User, changes: dict[str, Any]) -> User:
    """Change a user's own profile; everybody hears of what everybody sees."""
    user = lock_person(user)
    before = user.record
    if "email" in changes:
        changes = changes | {"email": normal_address(changes["email"])}
    if "username" in changes:
        with _taking_name(changes["username"], user.pk):
            _set_columns(user, changes | columns_of(changes["username"]) | {"shares_folded_name": False})
    elif changes:
        _set_columns(user, changes)
    if user.record != before:
        tell_updated([user], actor_id=user.pk)
    return user


def _set_columns(user: User, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(user, name, value)
    user.save(update_fields=list(values))


@transaction.atomic
def change_password(user: User, password: str | None) -> None:
    """Set a new password; with None, the user has none. Ends all their tokens, tickets, sessions and streams.

    Conflict where they are deleted.
    """
    _lock_present(user)
    user.set_password(password)
    user.save(update_fields=["password"])
    end_credentials(user)
    log.revoke(user.pk, "password_changed")


@transaction.atomic
def delete_user(user: User) -> None:
    """Empty a user's row and end all their credentials and streams. Their messages stay, as those of a deleted user.

    Nobody can take their name for a while, see users/models/held_name.py. Unauthorized where they were banned
    meanwhile, Conflict where they are deleted already.
    """
    was_active = user.is_active
    _lock_present(user, lock_to_delete)
    if was_active and not user.is_active:
        raise right_ended()
    HeldName.objects.hold(user.username)
    # No user can choose a name with a space.
    user.username = user.folded_username = f"deleted {user.pk}"
    user.shares_folded_name, user.username_skeletons = False, []
    user.email = user.display_name = user.avatar_url = ""
    user.is_active = user.is_staff = user.is_superuser = user.is_service = False
    user.deleted_at = timezone.now()
    user.set_unusable_password()
    user.save()
    end_listed_credentials(user)
    _erase_subjects(user)
    tell_updated([user], actor_id=user.pk)
    log.revoke(user.pk, "deleted")
    _exclude(user)
    audited = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=audited, object_id=str(user.pk)).update(object_repr=str(user))
    redact_person(user.pk, shown_person(user.record))


def _erase_subjects(user: User) -> None:
    """Forget what host products call this person. find_people() finds them all the same."""
    for identity in ExternalIdentity.objects.filter(user=user):
        identity.subject = erased_subject(identity.issuer, identity.subject)
        identity.save(update_fields=["subject"])


@transaction.atomic
def ban_user(user: User) -> None:
    """Ban: end all tokens, tickets, sessions and streams. After an unban they have to log in again. Keeps all data.

    Conflict where they are deleted.
    """
    _lock_present(user)
    user.is_active = False
    user.banned_at = timezone.now()
    user.save(update_fields=["is_active", "banned_at"])
    end_credentials(user)
    log.revoke(user.pk, "banned")
    if not user.is_invisible:
        transaction.on_commit(partial(note_changes, [user.pk], is_choice=True), robust=True)
    _exclude(user)


def _lock_present(user: User, lock: Callable[[User], None] = lock_to_change) -> None:
    lock(user)
    if user.is_deleted:
        raise Conflict("This account is deleted.")


def _exclude(user: User) -> None:
    for act in on_exclusion:
        act(user)


@transaction.atomic
def unban_user(user: User) -> None:
    """Allow a banned user to log in again. Conflict where they are deleted."""
    _lock_present(user)
    user.is_active = True
    user.banned_at = None
    user.save(update_fields=["is_active", "banned_at"])

"""People as the backend of a host product knows them: by its own ids, with the profiles that it says."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from chatserver.errors import ChatError, Conflict, Forbidden
from users.actions.announcements import tell_updated
from users.actions.external_people import ExternalPerson, find_or_make_people
from users.email_addresses import normal_address
from users.models import User, host_issuer

PROFILE_COLUMNS = ("display_name", "avatar_url", "email")
# Of each external id: the person and whether they are new, or why they stay as they are.
Put = tuple[User, bool] | ChatError


@transaction.atomic
def put_people(profiles: dict[str, dict[str, Any]]) -> dict[str, Put]:
    """Make these people, or give them these profiles, by external id: a few statements, however many they are.

    Fields that a profile leaves out stay as they are, and nothing is written where nothing changes.
    """
    profiles = {external_id: _normal(profile) for external_id, profile in profiles.items()}
    wanted = [ExternalPerson(external_id, **profile) for external_id, profile in profiles.items()]
    known = find_or_make_people(host_issuer(), wanted)
    users = {external_id: known[external_id].identity.user for external_id in profiles}
    differing = [users[name].pk for name, profile in profiles.items() if _changes(users[name], profile)]
    locked = _locked(differing)
    results: dict[str, Put] = {}
    changed: list[User] = []
    before = {pk: user.record for pk, user in locked.items()}
    for external_id, profile in profiles.items():
        user = locked.get(users[external_id].pk, users[external_id])
        changes = _changes(user, profile)
        refusal = _refusal(user, bool(changes))
        results[external_id] = refusal or (user, known[external_id].is_new)
        if changes and refusal is None:
            for column, text in changes.items():
                setattr(user, column, text)
            changed.append(user)
    if changed:
        User.objects.bulk_update(changed, PROFILE_COLUMNS)
    if visibly_changed := [user for user in changed if user.record != before[user.pk]]:
        tell_updated(visibly_changed, actor_id=None)
    return results


def _normal(profile: dict[str, Any]) -> dict[str, Any]:
    return profile | {"email": normal_address(profile["email"])} if "email" in profile else profile


def _changes(user: User, profile: dict[str, Any]) -> dict[str, Any]:
    return {column: text for column, text in profile.items() if getattr(user, column) != text}


def _locked(user_ids: Sequence[int]) -> dict[int, User]:
    """In one order, so that no two batches wait for each other."""
    if not user_ids:
        return {}
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=user_ids).order_by("pk")
    return {user.pk: user for user in rows}


def _refusal(user: User, has_changes: bool) -> ChatError | None:
    if user.is_deleted:
        return Conflict("This account is deleted. Nobody else gets its external id.")
    if has_changes and not user.is_active:
        return Forbidden("This person is banned.")
    if has_changes and user.is_privileged:
        return Forbidden("Only superusers may do this to staff and services.")
    return None

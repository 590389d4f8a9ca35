"""People of a host product, by the subjects that it knows them by."""

from collections.abc import Iterable

from chatserver.errors import NotFound
from users.models import ExternalIdentity, User, erased_subject, host_issuer


def find_people(issuer: str, subjects: Iterable[str]) -> dict[str, ExternalIdentity]:
    """The identities that are there, with their users, by subject; banned and deleted people, too. One query."""
    stored = {form: subject for subject in subjects for form in (subject, erased_subject(issuer, subject))}
    found = ExternalIdentity.objects.filter(issuer=issuer, subject__in=list(stored)).select_related("user")
    return {stored[identity.subject]: identity for identity in found}


def person_by_external_id(external_id: str) -> User:
    """A person, banned ones too; NotFound for nobody and for the deleted."""
    found = find_people(host_issuer(), [external_id]).get(external_id)
    if found is None or found.user.is_deleted:
        raise NotFound("There is nobody with this external id.", code="user_not_found")
    return found.user

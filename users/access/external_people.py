"""People of a host product, by the subjects that it knows them by."""

from collections.abc import Iterable

from users.models import ExternalIdentity, erased_subject


def find_people(issuer: str, subjects: Iterable[str]) -> dict[str, ExternalIdentity]:
    """The identities that are there, with their users, by subject; banned and deleted people, too. One query."""
    stored = {form: subject for subject in subjects for form in (subject, erased_subject(issuer, subject))}
    found = ExternalIdentity.objects.filter(issuer=issuer, subject__in=list(stored)).select_related("user")
    return {stored[identity.subject]: identity for identity in found}

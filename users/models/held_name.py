"""Names of deleted people, which nobody can take for a while: else somebody could pass for them.

Only keyed hashes of a name are kept. Without SECRET_KEY nobody can tell whose names they are.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from users.usernames import beyond_ascii, fold_username, skeletons_of

HELD_TIME = timedelta(days=30)


class HeldNameQuerySet(models.QuerySet["HeldName"]):
    def live(self) -> "HeldNameQuerySet":
        """Those that have not expired."""
        return self.filter(expires_at__gt=timezone.now())

    def named(self, name: str) -> "HeldNameQuerySet":
        """The one of this name in any spelling."""
        return self.filter(name_hash__in=_hashes("name", fold_username(name)))

    def conflicting_with(self, name: str) -> "HeldNameQuerySet":
        """That one, and those that this name could be confused with, by the rule of usernames.are_told_apart()."""
        looks = [found for look in skeletons_of(name) for found in _hashes("look", look)]
        same_beyond = Q(beyond_ascii_hash__in=_hashes("beyond", beyond_ascii(fold_username(name))))
        return self.named(name) | self.filter(~same_beyond, look_hashes__overlap=looks)

    def conflicting_among(self, names: Iterable[str]) -> set[str]:
        """Those of these names that one of them conflicts with, see conflicting_with(). In one query."""
        by_name = {name: _hashes("name", fold_username(name)) for name in names}
        by_look = {name: [found for look in skeletons_of(name) for found in _hashes("look", look)] for name in by_name}
        found = self.filter(
            Q(name_hash__in=[each for hashes in by_name.values() for each in hashes])
            | Q(look_hashes__overlap=[each for hashes in by_look.values() for each in hashes])
        )
        owners, looks = set(), defaultdict(set)
        for held in found:
            owners.add(held.name_hash)
            for look in held.look_hashes:
                looks[look].add(held.beyond_ascii_hash)
        return {
            name
            for name in by_name
            if not owners.isdisjoint(by_name[name])
            or {beyond for look in by_look[name] for beyond in looks[look]}.difference(
                _hashes("beyond", beyond_ascii(fold_username(name)))
            )
        }

    def hold(self, name: str) -> None:
        """Hold a name from now on, for HELD_TIME."""
        held = HeldName(
            name_hash=_hashes("name", fold_username(name))[0],
            look_hashes=[_hashes("look", look)[0] for look in skeletons_of(name)],
            beyond_ascii_hash=_hashes("beyond", beyond_ascii(fold_username(name)))[0],
            expires_at=timezone.now() + HELD_TIME,
        )
        # Two people may have shared the folded name.
        columns = ["look_hashes", "beyond_ascii_hash", "expires_at"]
        HeldName.objects.bulk_create([held], update_conflicts=True, unique_fields=["name_hash"], update_fields=columns)


class HeldName(models.Model):
    """The name of a deleted person, as hashes of its folded form, of how it looks, and of what it has beyond ASCII."""

    name_hash = models.CharField(max_length=64, unique=True)
    look_hashes = ArrayField(models.CharField(max_length=64))
    beyond_ascii_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    objects = HeldNameQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["look_hashes"], name="users_heldname_looks")]

    def __str__(self) -> str:
        return f"held name {self.pk}"

    def is_named(self, name: str) -> bool:
        return self.name_hash in _hashes("name", fold_username(name))


def _hashes(kind: str, text: str) -> list[str]:
    """The hash with each of our secret keys, today's first."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(f"users.held_names.{kind}", text, secret=key, algorithm="sha256").hexdigest() for key in keys]
